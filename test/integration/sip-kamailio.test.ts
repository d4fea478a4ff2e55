// Goal: the probe understands a real SIP server. Way: Kamailio on loopback, all transports, IPv4 and IPv6, with and
// without digest; the command line against it; sipsak as a second opinion.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import type { ProbeOptions } from "../../src/sip/index.ts";
import { inPath } from "./sip-certificates.ts";
import { type Kamailio, startKamailio, whyNoKamailio } from "./sip-kamailio-server.ts";
import { fixedResolver, probeOnce, testOptions } from "./sip-support.ts";

const credentials = { user: "alice", password: "s3cret" };
const skip = whyNoKamailio() ?? false;

for (const algorithm of ["MD5", "SHA-256"] as const) {
  describe(`Kamailio with ${algorithm}`, { skip }, () => {
    let server: Kamailio;
    before(async () => {
      server = await startKamailio({ algorithm, descriptors: null });
    });
    after(() => server[Symbol.asyncDispose]());

    const trusting = (): Partial<ProbeOptions> => ({
      deadlineMs: 5000,
      lateAfterMs: 4000,
      tls: { ...testOptions().tls, ca: server.certificates.ca },
    });
    const targets = (user: string, host: string) => [
      `sip:${user}@${host}:${server.port};transport=udp`,
      `sip:${user}@${host}:${server.port};transport=tcp`,
      `sip:${user}@${host}:${server.tlsPort};transport=tls`,
      `sips:${user}@${host}:${server.tlsPort}`,
      `sip:${user}@${host}:${server.wsPort};transport=ws`,
      `sip:${user}@${host}:${server.wssPort};transport=wss`,
    ];

    for (const host of ["127.0.0.1", "[::1]"]) {
      test(`answers on every transport of ${host}`, async () => {
        for (const text of targets("anyone", host)) {
          const result = await probeOnce(text, trusting());
          assert.deepEqual(
            [result.outcome, result.attempt?.code],
            ["answered", 200],
            `${text}: ${result.detail}`,
          );
          const { connect, tls, ws } = result.ms;
          assert.deepEqual(
            [connect !== null, tls !== null, ws !== null],
            [!text.includes("udp"), /tls|wss|sips/.test(text), /ws/.test(text)],
            `${text}: the phases it has`,
          );
          assert.equal(result.attempt?.tls !== null, /tls|wss|sips/.test(text));
        }
      });

      test(`takes our digest on every transport of ${host}, and no wrong one`, async () => {
        for (const text of targets("secret", host)) {
          const right = await probeOnce(text, { ...trusting(), credentials });
          assert.deepEqual(
            [right.outcome, right.attempt?.code, right.attempt?.answer?.authenticated],
            ["answered", 200, true],
            text,
          );
          const wrong = await probeOnce(text, {
            ...trusting(),
            credentials: { ...credentials, password: "wrong" },
          });
          assert.deepEqual([wrong.outcome, wrong.attempt?.code], ["auth-rejected", 407], text);
        }
      });
    }

    test("without credentials a challenge is an answer", async () => {
      const { outcome, attempt } = await probeOnce(`sip:secret@127.0.0.1:${server.port}`, trusting());
      assert.deepEqual([outcome, attempt?.code], ["answered", 407]);
    });

    test("a challenge to every answer is told as rejected, not tried for ever", async () => {
      const { outcome } = await probeOnce(`sip:loop@127.0.0.1:${server.port};transport=tcp`, {
        ...trusting(),
        credentials,
      });
      assert.equal(outcome, "auth-rejected");
    });

    test("REGISTER binds on every transport and leaves nothing behind", async () => {
      for (const text of targets("alice", "127.0.0.1")) {
        const { outcome, attempt, detail } = await probeOnce(text, {
          ...trusting(),
          credentials,
          method: "REGISTER",
        });
        assert.deepEqual(
          [outcome, attempt?.code, attempt?.answer?.bindingRemoved],
          ["answered", 200, true],
          `${text} ${detail}`,
        );
        assert.doesNotMatch(server.bindings(), /Address: /, text);
      }
      const kept = { ...trusting(), credentials, method: "REGISTER", keepBinding: true } as const;
      await probeOnce(`sip:alice@127.0.0.1:${server.port};transport=tcp`, kept);
      assert.match(server.bindings(), /Address: sip:alice@127\.0\.0\.1:\d+;transport=tcp/);
    });

    if (algorithm === "SHA-256") return;

    test("503 is degraded, silence is no-response, the last hop is 483", async () => {
      const draining = await probeOnce(`sip:down@127.0.0.1:${server.port};transport=tcp`, trusting());
      assert.deepEqual([draining.outcome, draining.attempt?.reason], ["unavailable", "Draining"]);
      const mute = await probeOnce(`sip:mute@127.0.0.1:${server.port};transport=tcp`, { deadlineMs: 500 });
      assert.deepEqual([mute.phase, mute.outcome], ["response", "no-response"]);
      const hop = await probeOnce(`sip:127.0.0.1:${server.port}`, { ...trusting(), maxForwards: 0 });
      assert.equal(hop.attempt?.code, 483);
    });

    test("the CRLF keep-alive is answered on every connection, and not asked over UDP", async () => {
      for (const text of targets("x", "127.0.0.1").filter((t) => !t.includes("udp"))) {
        const { outcome, attempt, detail } = await probeOnce(text, { ...trusting(), method: "CRLF" });
        assert.deepEqual([outcome, attempt?.code], ["answered", null], `${text}: ${detail}`);
      }
      const udp = await probeOnce(`udp:127.0.0.1:${server.port}`, { ...trusting(), method: "CRLF" });
      assert.equal(udp.outcome, "local-error");
    });

    test("a certificate is held to the domain, not to the address it led to", async () => {
      const lookup = { resolver: fixedResolver(["127.0.0.1"]), random: () => 0, family: null };
      const named = await probeOnce(`tls:pbx.example:${server.tlsPort}`, { ...trusting(), lookup });
      assert.equal(named.outcome, "answered", named.detail);
      assert.ok((named.attempt?.tls?.notAfterMs ?? 0) > Date.now() + 28 * 86_400_000);
      const other = await probeOnce(`tls:other.example:${server.tlsPort}`, { ...trusting(), lookup });
      assert.deepEqual([other.phase, other.outcome], ["tls", "tls-cert-name"]);
      const untrusted = await probeOnce(`tls:pbx.example:${server.tlsPort}`, { lookup, deadlineMs: 5000 });
      assert.deepEqual([untrusted.phase, untrusted.outcome], ["tls", "tls-cert-untrusted"]);
      const tls = { ...testOptions().tls, insecure: true };
      const tolerated = await probeOnce(`tls:pbx.example:${server.tlsPort}`, {
        lookup,
        tls,
        deadlineMs: 5000,
        lateAfterMs: 4000,
      });
      assert.equal(tolerated.outcome, "answered");
      assert.match(tolerated.attempt?.tls?.problem ?? "", /tls-cert-untrusted/);
    });

    test("plain SIP to the TLS port and TLS to the plain port are told apart", async () => {
      const toPlain = await probeOnce(`tls:127.0.0.1:${server.port}`, { ...trusting(), deadlineMs: 1000 });
      assert.equal(toPlain.phase, "tls");
      assert.ok(
        ["tls-closed", "tls-reset", "tls-not-spoken", "tls-timeout"].includes(toPlain.outcome),
        toPlain.outcome,
      );
      const toTls = await probeOnce(`tcp:127.0.0.1:${server.tlsPort}`, { deadlineMs: 1000 });
      assert.equal(toTls.phase, "response");
      assert.ok(
        ["bad-response", "closed-early", "reset", "no-response"].includes(toTls.outcome),
        toTls.outcome,
      );
    });

    describe("the command", () => {
      const run = async (...args: readonly string[]) => {
        const main = path.join(import.meta.dirname, "sip-ping-main.ts");
        const env = { ...process.env, NO_COLOR: "1", SOCKWARDEN_PASSWORD: "" };
        const { stdout, code } = await promisify(execFile)(process.execPath, [main, "ping", ...args], {
          env,
        }).then(
          ({ stdout }) => ({ stdout, code: 0 }),
          (error: { stdout: string; code: number }) => error,
        );
        return { stdout, code };
      };

      test("prints a line a probe and the summary", async () => {
        const { stdout, code } = await run("-c", "2", "-i", "0.1", `tcp:127.0.0.1:${server.port}`);
        const lines = stdout.trim().split("\n");
        assert.match(
          lines[0]!,
          /^1: 200 OK from tcp 127\.0\.0\.1:\d+: connect [\d.]+, response [\d.]+ = [\d.]+ ms$/,
        );
        assert.match(stdout, /2 sent, 2 answered, 0 lost \(0%\)/);
        assert.equal(code, 0);
      });

      test("writes one JSON object a line, the last the summary", async () => {
        const { stdout, code } = await run(
          "--json",
          "-c",
          "1",
          "--ca",
          server.certificates.caFile,
          `wss://127.0.0.1:${server.wssPort}/`,
        );
        const [probe, summary] = stdout
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as Record<string, unknown>);
        const { outcome, transport, certificateDays } = probe!;
        const { type } = summary!;
        assert.deepEqual(
          [outcome, transport, certificateDays, type, code],
          ["answered", "wss", 29, "summary", 0],
        );
      });

      test("authenticates with a password file, and says so to a monitoring system", async () => {
        const file = path.join(path.dirname(server.certificates.caFile), "password");
        writeFileSync(file, "s3cret\n");
        const { stdout, code } = await run(
          "--nagios",
          "--user",
          "alice",
          "--password-file",
          file,
          `sip:secret@127.0.0.1:${server.port}`,
        );
        assert.match(stdout, /^SIP OK - 200 OK from udp 127\.0\.0\.1:\d+ in [\d.]+ ms \| rtt=/);
        assert.equal(code, 0);
      });

      test("ends with the summary at Ctrl-C", async () => {
        const main = path.join(import.meta.dirname, "sip-ping-main.ts");
        const child = spawn(process.execPath, [main, "ping", "-i", "0.1", `tcp:127.0.0.1:${server.port}`]);
        let shown = "";
        let stopped = false;
        child.stdout.on("data", (chunk) => {
          shown += chunk;
          if (!stopped && shown.includes("\n2: ")) stopped = child.kill("SIGINT");
        });
        const [code, signal] = (await once(child, "close")) as [number | null, string | null];
        assert.match(shown, /sent, .* answered, 0 lost/);
        assert.deepEqual([code, signal], [0, null]);
      });

      test("returns 1 for what is not expected and 2 for wrong usage", async () => {
        const unexpected = await run("-c", "1", "--expect", "404", `tcp:127.0.0.1:${server.port}`);
        assert.deepEqual([unexpected.code, /unexpected-code/.test(unexpected.stdout)], [1, true]);
        assert.equal((await run("--expect", "banana", "sip:a")).code, 2);
        assert.equal((await run("http://a/")).code, 2);
        const nagios = await run("--nagios", "tel:+1");
        assert.deepEqual([nagios.code, nagios.stdout.startsWith("SIP UNKNOWN")], [3, true]);
      });
    });

    test("agrees with sipsak", { skip: inPath("sipsak") ? false : "sipsak is not installed" }, async () => {
      const args = ["-s", `sip:anyone@127.0.0.1:${server.port}`];
      const { stdout } = await promisify(execFile)("sipsak", [...args, "-v"]).catch(
        (e: { stdout: string }) => e,
      );
      const ours = await probeOnce(`sip:anyone@127.0.0.1:${server.port}`, trusting());
      assert.match(stdout, /200/);
      assert.equal(ours.attempt?.code, 200);
    });
  });
}

test("the test configuration names no file of any machine", () => {
  const text = readFileSync(path.join(import.meta.dirname, "../fixtures/kamailio/kamailio.cfg"), "utf8");
  assert.doesNotMatch(text, /"\/(?!\/)/);
});
