import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import {
  readConntrack,
  readMemory,
  readOpenFiles,
  readPageBytes,
  readTcpMemoryLimits,
  readUptime,
} from "./proc-machine.ts";

const proc = mkdtempSync(path.join(tmpdir(), "sockwarden-proc-"));
after(() => rmSync(proc, { recursive: true }));
const root = { proc, sys: `${proc}/sys` };

for (const [file, text] of Object.entries({
  "sys/fs/file-nr": "3232\t0\t2466170\n",
  "sys/net/netfilter/nf_conntrack_count": "12\n",
  "sys/net/netfilter/nf_conntrack_max": "65536\n",
  "sys/net/ipv4/tcp_mem": "188418\t251225\t376836\n",
  uptime: "3600.25 7000.00\n",
  meminfo: "MemTotal:       16384000 kB\nMemFree: 1 kB\nMemAvailable:   8192000 kB\n",
})) {
  mkdirSync(path.dirname(path.join(proc, file)), { recursive: true });
  writeFileSync(path.join(proc, file), text);
}

test("the machine's limits are read with what is used of them", () => {
  assert.deepEqual(readOpenFiles(root), { used: 3232, limit: 2_466_170 });
  assert.deepEqual(readConntrack(root), { used: 12, limit: 65_536 });
  assert.deepEqual(readTcpMemoryLimits(root), { pressure: 251_225, most: 376_836 });
  assert.equal(readUptime(root), 3600.25);
});

test("a value that the kernel does not have is null", () => {
  const nothing = { proc: `${proc}/nothing`, sys: "" };
  for (const read of [readOpenFiles, readConntrack, readTcpMemoryLimits, readUptime])
    assert.equal(read(nothing), null);
});

test("memory is read in bytes; only some kernels tell what is available", () => {
  assert.deepEqual(readMemory(root), { totalBytes: 16_384_000 * 1024, availableBytes: 8_192_000 * 1024 });
  const old = mkdtempSync(path.join(tmpdir(), "sockwarden-proc-"));
  try {
    const bare = { proc: old, sys: old };
    assert.equal(readMemory(bare), null);
    writeFileSync(path.join(old, "meminfo"), "MemTotal: 4 kB\n");
    assert.deepEqual(readMemory(bare), { totalBytes: 4096, availableBytes: null });
  } finally {
    rmSync(old, { recursive: true });
  }
});

test("the page size is that of the auxiliary vector, or the usual one without it", () => {
  assert.equal(readPageBytes(root), 4096);
  mkdirSync(path.join(proc, "self"));
  const vector = Buffer.alloc(32);
  for (const [at, word] of [33n, 1n, 6n, 65_536n].entries()) vector.writeBigUInt64LE(word, 8 * at);
  writeFileSync(path.join(proc, "self/auxv"), vector);
  assert.equal(readPageBytes(root), 65_536);
});
