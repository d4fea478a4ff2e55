// The requirements that scenarios are made of. Each is a sentence, and a function that tells what in a result
// contradicts it.

import type { ScenarioResult } from "../play-result.ts";
import type { Requirement } from "./scenario.ts";

const expect = (says: string, wrong: Requirement["wrong"]): Requirement => ({ says, wrong });
const round = (ms: number) => `${Math.round(ms)} ms`;

export const callsAnswered: Requirement = expect("every honest call is answered", (result) =>
  result.callsTotal > 0 && result.callsFailed === 0
    ? null
    : `${result.callsFailed} of ${result.callsTotal} calls failed`,
);

export const noneCut: Requirement = expect("no honest connection is cut", ({ held, heldOpen, heldCut }) =>
  heldCut === 0 && heldOpen === held ? null : `${heldCut} cut, ${heldOpen} of ${held} stand`,
);

export const honestNotRefused: Requirement = expect("no honest address is banned or capped", (result) =>
  result.honestRefused.length === 0 ? null : `refused: ${result.honestRefused.slice(0, 5).join(", ")}`,
);

export const sipsakAnswered: Requirement = expect("sipsak is answered", ({ secondCaller }) =>
  secondCaller === 0 ? null : `sipsak ended with ${secondCaller ?? "no answer"}`,
);

/** Requirements that hold in every scenario. */
export const HONEST: readonly Requirement[] = [callsAnswered, noneCut, honestNotRefused];

export const neverFull: Requirement = expect("the slots are never exhausted", (result) =>
  result.exhaustedMs === 0 ? null : `full for ${round(result.exhaustedMs)}, ${slotsText(result)}`,
);

export function fullAtMost(ms: number): Requirement {
  return expect(`the slots are full for ${ms} ms at most`, (result) =>
    result.exhaustedMs <= ms ? null : `full for ${round(result.exhaustedMs)}, ${slotsText(result)}`,
  );
}

export function freedWithin(ms: number): Requirement {
  return expect(`the attack's connections are gone within ${ms} ms`, ({ msToFreed, attackerHeldAtEnd }) => {
    if (msToFreed === null) return `${attackerHeldAtEnd} are left at the end`;
    return msToFreed <= ms ? null : `gone after ${round(msToFreed)}`;
  });
}

export function heldAtEndAtMost(count: number): Requirement {
  return expect(`the attack holds at most ${count} connections at the end`, ({ attackerHeldAtEnd: held }) =>
    held <= count ? null : `it holds ${held}`,
  );
}

export function neverMoreFromOne(count: number): Requirement {
  return expect(`no source ever holds more than ${count}`, ({ worstSourceMax: worst }) =>
    worst <= count ? null : `one held ${worst}`,
  );
}

export function verdictIs(cause: string): Requirement {
  return expect(`diagnose says ${cause}`, ({ verdict }) => (verdict === cause ? null : `it says ${verdict}`));
}

export const nobodyRefused: Requirement = expect("nobody is banned or capped", (result) => {
  const all = [...(result.bannedSources ?? []), ...(result.cappedSources ?? [])];
  return all.length === 0 ? null : `refused: ${all.slice(0, 5).join(", ")}`;
});

export const nobodyBanned: Requirement = expect("nobody is banned", ({ bannedSources }) =>
  (bannedSources ?? []).length === 0 ? null : `banned: ${bannedSources!.slice(0, 5).join(", ")}`,
);

export const somebodyBanned: Requirement = expect("the attacker is banned", ({ bannedSources }) =>
  (bannedSources ?? []).length > 0 ? null : "nobody is",
);

export function refusingAgainWithin(ms: number): Requirement {
  return expect(`the kernel refuses the attacker again within ${ms} ms`, ({ msToRefusingAgain: took }) =>
    took !== null && took <= ms ? null : `${took === null ? "it never does" : round(took)}`,
  );
}

export const staysModest: Requirement = expect(
  "the guard stays below 300 MB and 60 % of a core",
  ({ protector }) => {
    if (protector === null) return "there was none";
    const { residentMbMax, cpuShare } = protector;
    if (residentMbMax < 300 && cpuShare < 0.6) return null;
    return `${Math.round(residentMbMax)} MB, ${Math.round(cpuShare * 100)} % of a core`;
  },
);

export const leavesNothing: Requirement = expect(
  "stopped, the guard leaves no table within 1 s",
  ({ protector }) =>
    protector === null || (!protector.tableLeft && protector.stopMs < 1000)
      ? null
      : `${protector.tableLeft ? "the table is left" : "no table left"}, ${round(protector.stopMs)}`,
);

export function bansListed(count: number): Requirement {
  return expect(`the kernel holds ${count} bans`, ({ bannedSources }) => {
    const there = bannedSources?.length ?? 0;
    return there >= count ? null : `it holds ${there}`;
  });
}

/** The times include the start of the command, a third of a second. */
export function bansLoadWithin({
  fileMs,
  oneMs,
}: {
  readonly fileMs: number;
  readonly oneMs: number;
}): Requirement {
  return expect(`the file loads within ${fileMs} ms, one ban more within ${oneMs} ms`, ({ protector }) => {
    const [file, one] = [protector?.banFileMs ?? null, protector?.banOneMs ?? null];
    if (file === null || one === null) return "the bans could not be loaded";
    return file <= fileMs && one <= oneMs ? null : `file ${round(file)}, one more ${round(one)}`;
  });
}

export function vanishedGone(atMost: number): Requirement {
  return expect(`at most ${atMost} sockets of vanished clients are left`, ({ vanishedLeft: left }) =>
    left <= atMost ? null : `${left} are left`,
  );
}

// Requirements that show that an attack bites when nothing stops it.

/** The outage of the story: no slots are left and calls fail. */
export const outage: Requirement = expect("the slots run out and honest calls fail", (result) => {
  if (result.exhaustedMs === 0) return `they did not run out, ${slotsText(result)}`;
  return result.callsFailed > 0 ? null : "no call failed";
});

export const stillOutAtEnd: Requirement = expect(
  "nothing is freed by itself",
  ({ attackerHeldAtEnd, attackerHeldMax }) =>
    attackerHeldAtEnd >= 0.9 * attackerHeldMax ? null : `${attackerHeldAtEnd} of ${attackerHeldMax} are left`,
);

export const sipsakUnanswered: Requirement = expect("sipsak gets no answer", ({ secondCaller }) =>
  secondCaller === 0 ? "it was answered" : null,
);

export function holdsAtEnd(count: number): Requirement {
  return expect(`the attack still holds ${count} at the end`, ({ attackerHeldAtEnd: held }) =>
    held >= count ? null : `it holds ${held}`,
  );
}

export function halfOpenReaches(count: number): Requirement {
  return expect(`${count} half-open connections stand at once`, ({ halfOpenMax }) =>
    halfOpenMax >= count ? null : `at most ${halfOpenMax} did`,
  );
}

export function leakedReaches(count: number): Requirement {
  return expect(`${count} connections are left in CLOSE-WAIT`, ({ leakedMax }) =>
    leakedMax >= count ? null : `at most ${leakedMax} were`,
  );
}

export function openedAtRate(perSecond: number): Requirement {
  return expect(`${perSecond} connections are opened a second`, (result) =>
    result.openedPerSecond >= perSecond ? null : `${Math.round(result.openedPerSecond)} were`,
  );
}

export function openedAtMostAtRate(perSecond: number): Requirement {
  return expect(`at most ${perSecond} connections are opened a second`, (result) =>
    result.openedPerSecond <= perSecond ? null : `${Math.round(result.openedPerSecond)} were`,
  );
}

export function vanishedStay(atLeast: number): Requirement {
  return expect(`${atLeast} sockets of vanished clients stay`, ({ vanishedLeft: left }) =>
    left >= atLeast ? null : `${left} are left`,
  );
}

function slotsText({ slotsMax, slots }: ScenarioResult): string {
  return `${slotsMax} of ${slots} at most`;
}

/** The faults of a result, each with the sentence that it contradicts. */
export function contradictions(result: ScenarioResult, expectations: readonly Requirement[]): string[] {
  return expectations.flatMap(({ says, wrong }) => {
    const found = wrong(result);
    return found === null ? [] : [`${says}: ${found}`];
  });
}
