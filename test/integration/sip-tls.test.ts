// Goal: each fault of TLS has its own outcome. Way: TLS servers of our own with certificates that openssl makes anew.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import tls from "node:tls";
import type { ProbeOptions, TlsOptions } from "../../src/sip/index.ts";
import { type Certificates, inPath, makeCertificates } from "./sip-certificates.ts";
import { fixedResolver, probeOnce, readRequest, responseTo, testOptions } from "./sip-support.ts";

describe("TLS", { skip: inPath("openssl") ? false : "openssl is not installed" }, () => {
  let folder: string;
  let certificates: Certificates;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "sockwarden-tls-"));
    certificates = makeCertificates(folder);
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Probes `sips:pbx.example` at a server with these options, and also returns the SNI that the server saw. */
  async function probeServer(server: tls.TlsOptions, client: Partial<TlsOptions> = {}) {
    let sni: string | false = "";
    const listening = tls.createServer(server, (socket) => {
      sni = socket.servername || false;
      socket
        .on("error", () => {})
        .on("data", (chunk) => socket.write(responseTo(readRequest(chunk), 200, "OK")));
    });
    listening.on("tlsClientError", () => {});
    listening.listen(0, "127.0.0.1");
    await once(listening, "listening");
    try {
      const options: Partial<ProbeOptions> = {
        deadlineMs: 5000,
        lateAfterMs: 4000,
        tls: { ...testOptions().tls, ca: certificates.ca, ...client },
        lookup: { resolver: fixedResolver(["127.0.0.1"]), random: () => 0, family: null },
      };
      const { port } = listening.address() as AddressInfo;
      return { ...(await probeOnce(`sips:pbx.example:${port}`, options)), sni };
    } finally {
      listening.close();
    }
  }
  const pem = (name: string, names: string, days = 30) => {
    const { cert, key } = certificates.make(name, names, days);
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  };

  test("a certificate for sip:DOMAIN is exact, and SNI is the domain", async () => {
    const result = await probeServer(pem("uri", "URI:sip:pbx.example"));
    assert.deepEqual(
      [result.outcome, result.sni, result.attempt?.tls?.warning],
      ["answered", "pbx.example", null],
    );
    assert.equal(result.attempt?.tls?.version, "TLSv1.3");
  });

  test("a wildcard is accepted with a warning", async () => {
    const { outcome, attempt } = await probeServer(pem("wild", "DNS:*.example"));
    assert.equal(outcome, "answered");
    assert.match(attempt?.tls?.warning ?? "", /RFC 5922/);
  });

  for (const [name, names, days, outcome] of [
    ["expired", "DNS:pbx.example", -1, "tls-cert-expired"],
    ["another's", "DNS:other.example", 30, "tls-cert-name"],
    ["a user's", "URI:sip:alice@pbx.example", 30, "tls-cert-name"],
  ] as const) {
    test(`a certificate that is ${name} is ${outcome}, and --insecure goes on and says so`, async () => {
      const server = pem(`bad-${days}-${outcome}-${names.length}`, names, days);
      const refused = await probeServer(server);
      assert.deepEqual([refused.phase, refused.outcome], ["tls", outcome]);
      const tolerated = await probeServer(server, { insecure: true });
      assert.equal(tolerated.outcome, "answered");
      assert.ok(tolerated.attempt?.tls?.problem?.startsWith(outcome));
    });
  }

  test("no version in common is tls-version", async () => {
    const server = { ...pem("old", "DNS:pbx.example"), maxVersion: "TLSv1.2" } as const;
    const { phase, outcome } = await probeServer(server, { minVersion: "TLSv1.3" });
    assert.deepEqual([phase, outcome], ["tls", "tls-version"]);
  });

  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    test(`a client certificate that is demanded with ${version} is asked for by name, and taken`, async () => {
      const server = {
        ...pem(`mutual${version}`, "DNS:pbx.example"),
        requestCert: true,
        ca: certificates.ca,
        minVersion: version,
        maxVersion: version,
      };
      const without = await probeServer(server);
      assert.ok(
        ["tls-client-certificate", "closed-early", "reset", "tls-failed", "tls-reset"].includes(
          without.outcome,
        ),
        without.outcome,
      );
      const { outcome } = await probeServer(server, {
        certificate: pem(`client${version}`, "DNS:client.example"),
      });
      assert.equal(outcome, "answered");
    });
  }
});
