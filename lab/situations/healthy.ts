// Situations that only look bad: many connections of one address, many at once, or quiet ones.

import { setTimeout as sleep } from "node:timers/promises";
import { REGISTER } from "../kamailio.ts";
import { grownQuiet, grownSilent, type Situation, sipServer, TALK_MS } from "./situation.ts";

const one = { family: 4, addresses: 1 } as const;

export const HEALTHY: readonly Situation[] = [
  {
    name: "busy-server",
    story: "600 clients of 300 addresses that talk, and 50 short calls a second",
    expected: ["healthy"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 2048, backlog: 1024 });
      const sources = { family: 4, addresses: 300 } as const;
      const clients = { behaviour: "active", count: 600, intervalMs: TALK_MS } as const;
      await lab.hold({ ...clients, sources, target: sipServer(lab) });
      await lab.honest({ target: sipServer(lab), held: 50, callEveryMs: 20 });
      await grownSilent();
    },
  },
  {
    name: "office",
    story: "300 phones behind one address, all in use, among 150 others",
    expected: ["healthy"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 1024, backlog: 1024 });
      const phones = { behaviour: "active", intervalMs: TALK_MS, target: sipServer(lab) } as const;
      await lab.hold({ ...phones, count: 300, sources: one });
      await lab.hold({ ...phones, count: 150, sources: { family: 4, addresses: 150 } });
      await grownSilent();
    },
  },
  {
    name: "proxy",
    story: "all 500 clients come through one proxy",
    expected: ["healthy"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 1024, backlog: 1024 });
      const clients = { behaviour: "active", count: 500, intervalMs: TALK_MS } as const;
      await lab.hold({ ...clients, sources: one, target: sipServer(lab) });
      await grownSilent();
    },
  },
  {
    name: "quiet-registered-phones",
    story: "400 phones registered at Kamailio that only keep alive, 100 of them behind one address",
    expected: ["healthy"],
    needs: ["kamailio"],
    stage: async (lab) => {
      await lab.kamailio({ descriptors: 1024 });
      // A ping every 1.2 s of a normal 2 s, like 75 s of 120.
      const phones = {
        behaviour: "registered",
        text: REGISTER,
        intervalMs: 1200,
        target: sipServer(lab),
      } as const;
      await lab.hold({ ...phones, count: 300, sources: { family: 4, addresses: 300 } });
      await lab.hold({ ...phones, count: 100, sources: one });
      await grownQuiet();
    },
  },
  {
    name: "stampede",
    story: "a server that has just started, and 1 500 phones that find it again at 400 a second",
    // The phones stay, so it is no churn. They come back after a restart, so it is no growth. Nothing is to be done.
    expected: ["healthy"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 4096, backlog: 4096 });
      const phones = {
        behaviour: "registered",
        count: 1500,
        rampPerSecond: 400,
        intervalMs: TALK_MS,
      } as const;
      await lab.begin({ ...phones, sources: { family: 4, addresses: 1500 }, target: sipServer(lab) });
      await sleep(300);
    },
  },
];
