// Goal: the two mishaps that need machinery hit the program that they are meant for, and nothing else. Way: a program
// of one line in place of the protector.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { type Lab, labUnavailable, openLab, type Started, until } from "./index.ts";
import { playMishap } from "./play-mishap.ts";
import { shiftedClock, withSmallDisk } from "./protection.ts";

/** A program that prints the time, and whether a file can grow, again and again. */
const PROGRAM = (folder: string) => `
  setInterval(() => {
    let disk = "ok";
    try { require("node:fs").appendFileSync("${folder}/state/x", "x".repeat(5000)); } catch (e) { disk = e.code; }
    process.stdout.write([Date.now(), new Date().getTime(), disk].join(" ") + "\\n");
  }, 20)`;

describe("mishaps", { skip: labUnavailable() ?? false, concurrency: 2 }, () => {
  let lab: Lab;
  let folder: string;
  before(async () => {
    lab = await openLab();
    folder = await mkdtemp(path.join(tmpdir(), "sockwarden-mishap-"));
    await mkdir(path.join(folder, "state"));
  });
  after(async () => {
    await lab.close();
    await rm(folder, { recursive: true, force: true });
  });

  const lastLine = (program: Started) => program.output().stdout.trim().split("\n").at(-1)!.split(" ");

  async function playOn(program: Started, mishap: "full-disk" | "clock-jump", seen: () => boolean) {
    const protector = { ...{ pid: program.pid, socket: "" }, ...NO_PROTECTOR };
    const shown = until(seen, { what: `the ${mishap} to show`, timeoutMs: 5000 });
    const forMs = 1000;
    const played = playMishap({ atMs: 0, mishap, forMs }, { lab, protector, folder });
    await Promise.all([shown, played]);
  }

  test("the disk is full for the protector alone, and for a time", async () => {
    const command = [process.execPath, "-e", PROGRAM(folder)];
    const program = await lab.victim.start([...withSmallDisk(path.join(folder, "state")), ...command]);
    const disk = () => lastLine(program)[2];
    await until(() => disk() === "ok", { what: "a disk with room", timeoutMs: 5000 });
    await playOn(program, "full-disk", () => disk() === "ENOSPC");
    await until(() => disk() === "ok", { what: "room again", timeoutMs: 3000 });
    await writeFile(path.join(folder, "outside"), "x");
    await program.stop();
  });

  test("the clock jumps for the protector alone, and back", async () => {
    const env = shiftedClock(path.join(folder, "clock"));
    const program = await lab.victim.start([process.execPath, "-e", PROGRAM(folder)], { env });
    const aheadMs = () => Number(lastLine(program)[0]) - Date.now();
    await until(() => Math.abs(aheadMs()) < 2000, { what: "the true time", timeoutMs: 5000 });
    await playOn(
      program,
      "clock-jump",
      () => aheadMs() > 86_000_000 && lastLine(program)[0] === lastLine(program)[1],
    );
    await until(() => Math.abs(aheadMs()) < 2000, { what: "the true time again", timeoutMs: 3000 });
    await program.stop();
  });
});

const NO_PROTECTOR = {
  command: () => Promise.reject(new Error("no protector")),
  stop: async () => {},
  kill9: async () => {},
  start: async () => {},
  log: () => "",
};
