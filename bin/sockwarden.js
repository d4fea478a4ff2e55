#!/usr/bin/env node
// Plain JavaScript that any Node can parse (CommonJS by the package.json beside it): it checks the version, then
// hands over to the rest.
var major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    "sockwarden: needs Node 24 or later; this is Node " +
      process.versions.node +
      " (" +
      process.execPath +
      ")\n"
  );
  process.exitCode = 2;
} else {
  // A checkout has the TypeScript sources, which Node runs as they are; the published package has them compiled.
  var source = require("path").join(__dirname, "../src/cli/main.ts");
  var compiled = require("path").join(__dirname, "../dist/src/cli/main.js");
  import(require("fs").existsSync(source) ? source : compiled).catch(function (error) {
    process.stderr.write(String((error && error.stack) || error) + "\n");
    process.exitCode = 1;
  });
}
