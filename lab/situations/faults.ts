// Situations that are no attack: the program's faults, vanished clients, limits. Floods from forged addresses are here
// as well.

import { setTimeout as sleep } from "node:timers/promises";
import { REGISTER } from "../kamailio.ts";
import type { Lab } from "../lab.ts";
import { MQTT_CONNECT, MQTT_PING, MQTT_PUBLISH, MQTT_SUBSCRIBE } from "../protocols/mqtt-packets.ts";
import {
  grownQuiet,
  grownSilent,
  mqttServer,
  type Situation,
  settled,
  sipServer,
  TALK_MS,
} from "./situation.ts";

const phones = (lab: Lab, count: number) =>
  lab.hold({
    behaviour: "active",
    count,
    sources: { family: 4, addresses: count },
    target: sipServer(lab),
    intervalMs: TALK_MS,
  });

const registered = (lab: Lab, count: number) =>
  lab.hold({
    behaviour: "registered",
    count,
    text: REGISTER,
    sources: { family: 4, addresses: count },
    target: sipServer(lab),
    intervalMs: TALK_MS,
  });

/** Long enough to hold the server up, and short enough for its queue to empty before the next scan. */
const HICCUP_MS = 250;

export const FAULTS: readonly Situation[] = [
  {
    name: "half-open-flood",
    story: "a thousand SYNs from 250 forged addresses, and 100 phones among them",
    expected: ["half-open-flood"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, backlog: 4096 });
      await phones(lab, 100);
      const sources = { family: 4, addresses: 250 } as const;
      await lab.hold({ behaviour: "half-open", count: 1000, sources, target: sipServer(lab) });
    },
  },
  {
    name: "leak",
    story: "a program that never closes what its clients have closed",
    expected: ["program-leak"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, mode: "leak", descriptors: 1024, backlog: 1024 });
      await phones(lab, 100);
      const sources = { family: 4, addresses: 60 } as const;
      await lab.hold({ behaviour: "close-wait", count: 300, sources, target: sipServer(lab) });
      await grownSilent();
    },
  },
  {
    name: "leak-of-one-source",
    story: "the same, with clients that all come through one gateway",
    expected: ["program-leak"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, mode: "leak", descriptors: 1024, backlog: 1024 });
      const sources = { family: 4, addresses: 1 } as const;
      await lab.hold({ behaviour: "close-wait", count: 300, sources, target: sipServer(lab) });
      await grownSilent();
    },
  },
  {
    name: "leak-and-hoard",
    story: "250 connections leaked by the program, and 350 silent ones of one source",
    // The larger cause ought to be first, but mending the leak first is not wrong either. Both have to be named.
    expected: ["single-source-hoard", "program-leak"],
    alsoNamed: ["program-leak", "single-source-hoard"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, mode: "leak", descriptors: 1024, backlog: 1024 });
      await phones(lab, 100);
      const leaked = { family: 4, addresses: 50 } as const;
      await lab.hold({ behaviour: "close-wait", count: 250, sources: leaked, target: sipServer(lab) });
      const silent = { family: 4, addresses: 1 } as const;
      await lab.hold({ behaviour: "silent", count: 350, sources: silent, target: sipServer(lab) });
      await grownSilent();
    },
  },
  {
    name: "frozen",
    story: "a stopped program, with its clients waiting in the accept queue",
    expected: ["program-not-accepting"],
    stage: async (lab) => {
      const server = await lab.echo({ port: 5060, backlog: 1024 });
      await phones(lab, 100);
      await sleep(300);
      await server.freeze();
      const sources = { family: 4, addresses: 100 } as const;
      await lab.hold({ behaviour: "talk-once", count: 200, sources, target: sipServer(lab) });
      await grownSilent();
    },
  },
  {
    name: "blocked",
    story: "a program that waits for something else and accepts nothing meanwhile",
    expected: ["program-not-accepting"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, backlog: 1024, descriptors: 1024 });
      await phones(lab, 100);
      await sleep(300);
      const one = { count: 1, sources: { family: 4, addresses: 1 }, target: sipServer(lab) } as const;
      await lab.hold({ ...one, behaviour: "talk-once", text: "BLOCK 60000\n" });
      await phones(lab, 150);
      await grownSilent();
    },
  },
  {
    name: "frozen-and-overflowing",
    story: "a stopped program whose accept queue of 64 is full, with clients that say nothing",
    expected: ["program-not-accepting"],
    stage: async (lab) => {
      const server = await lab.echo({ port: 5060, backlog: 64 });
      await server.freeze();
      const sources = { family: 4, addresses: 50 } as const;
      const waiting = { behaviour: "silent", count: 150, connectTimeoutMs: 60_000 } as const;
      await lab.begin({ ...waiting, sources, target: sipServer(lab) });
      await grownSilent();
    },
  },
  {
    name: "vanished-mqtt-clients",
    story: "200 subscribers of mosquitto lose their network while news are published; 60 clients stay",
    expected: ["dead-peers"],
    needs: ["mosquitto"],
    stage: async (lab) => {
      await lab.mosquitto({ descriptors: 1024 });
      const clients = { behaviour: "registered", text: MQTT_CONNECT, intervalMs: TALK_MS } as const;
      const staying = { count: 60, again: MQTT_PING, sources: { family: 4, addresses: 60 } } as const;
      await lab.hold({ ...clients, ...staying, target: mqttServer(lab) });
      const subscribers = await lab.hold({
        behaviour: "talk-once",
        text: MQTT_CONNECT + MQTT_SUBSCRIBE,
        count: 200,
        sources: { family: 4, addresses: 200 },
        target: mqttServer(lab),
      });
      const publisher = { count: 1, again: MQTT_PUBLISH, sources: { family: 4, addresses: 1 } } as const;
      await lab.hold({ ...clients, ...publisher, intervalMs: 300, target: mqttServer(lab) });
      await subscribers.vanish();
      await grownQuiet();
    },
  },
  {
    name: "vanished-phones",
    story: "150 phones of Kamailio lose their network; its keep-alive probes go unanswered",
    expected: ["dead-peers"],
    needs: ["kamailio"],
    stage: async (lab) => {
      for (const name of ["tcp_keepalive_time", "tcp_keepalive_intvl"])
        await lab.victim.read(["tee", `/proc/sys/net/ipv4/${name}`], { input: "1" });
      await lab.kamailio({ descriptors: 1024 });
      await registered(lab, 60);
      const gone = await registered(lab, 150);
      await gone.vanish();
      await grownQuiet();
    },
  },
  {
    name: "vanished-clients",
    story: "200 clients vanish from a server that sends news to everybody; 100 stay",
    expected: ["dead-peers"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 1024, backlog: 1024, pushEveryMs: 300 });
      await phones(lab, 100);
      const gone = await phones(lab, 200);
      await gone.vanish();
      await grownQuiet();
    },
  },
  {
    name: "low-limit",
    story: "225 honest clients of a program that may have 256 descriptors",
    expected: ["limit-too-low"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 256 });
      await phones(lab, 225);
      await grownSilent();
    },
  },
  {
    name: "kamailio-low-limit",
    story: "Kamailio at 256 descriptors, and more registered phones than that",
    expected: ["limit-too-low"],
    needs: ["kamailio"],
    stage: async (lab) => {
      await lab.kamailio({ descriptors: 256 });
      await registered(lab, 320);
      await grownSilent();
    },
  },
  {
    name: "kamailio-own-limit",
    story: "Kamailio at its own tcp_max_connections, with honest phones, some of which it turns away",
    expected: ["limit-too-low"],
    needs: ["kamailio"],
    stage: async (lab) => {
      await lab.kamailio({ connections: 200 });
      await registered(lab, 200);
      const sources = { family: 4, addresses: 60 } as const;
      await lab.begin({
        behaviour: "talk-once",
        count: 600,
        rampPerSecond: 60,
        sources,
        target: sipServer(lab),
      });
      await grownSilent();
    },
  },
  {
    name: "short-backlog",
    story:
      "a backlog of 8, clients that come in bursts, and a program that is busy for a moment now and then",
    expected: ["limit-too-low"],
    stage: async (lab) => {
      const server = await lab.echo({ port: 5060, backlog: 8 });
      await phones(lab, 60);
      return async () => {
        await sleep(700);
        await server.freeze();
        const sources = { family: 4, addresses: 60 } as const;
        const burst = { behaviour: "active", count: 60, intervalMs: TALK_MS } as const;
        await lab.begin({ ...burst, sources, target: sipServer(lab) });
        await sleep(HICCUP_MS);
        server.thaw();
      };
    },
  },
  {
    name: "growth",
    story:
      "honest clients join at 60 a second, each from its own address; at that rate the server is soon full",
    expected: ["organic-growth"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 2048, backlog: 1024 });
      await phones(lab, 400);
      await settled();
      const joining = { behaviour: "active", count: 700, rampPerSecond: 60, intervalMs: TALK_MS } as const;
      await lab.begin({ ...joining, sources: { family: 4, addresses: 700 }, target: sipServer(lab) });
      await sleep(500);
    },
  },
  {
    name: "churn",
    story: "500 connections a second that are opened and closed at once, among 60 phones",
    expected: ["churn"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, backlog: 4096 });
      await phones(lab, 60);
      const churn = { behaviour: "churn", count: 20_000, rampPerSecond: 500 } as const;
      await lab.begin({ ...churn, sources: { family: 4, addresses: 20 }, target: sipServer(lab) });
      await sleep(500);
    },
  },
];
