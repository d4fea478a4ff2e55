// Situations with connections that are held and not used.

import { OPTIONS, REGISTER } from "../kamailio.ts";
import type { Lab } from "../lab.ts";
import { MQTT_CONNECT, MQTT_PING } from "../protocols/mqtt-packets.ts";
import { grownQuiet, grownSilent, mqttServer, type Situation, sipServer, TALK_MS } from "./situation.ts";

/** Phones that talk, each from its own address. */
const phones = (lab: Lab, count: number) =>
  lab.hold({
    behaviour: "active",
    count,
    sources: { family: 4, addresses: count },
    target: sipServer(lab),
    intervalMs: TALK_MS,
  });

const one = { family: 4, addresses: 1 } as const;

export const HOARDS: readonly Situation[] = [
  {
    name: "story",
    story: "one source holds 500 connections, adds seven a second, and never sends a byte",
    expected: ["single-source-hoard"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 1024, backlog: 1024 });
      await phones(lab, 200);
      const held = await lab.hold({ behaviour: "silent", count: 500, sources: one, target: sipServer(lab) });
      const more = { behaviour: "silent", count: 200, rampPerSecond: 7 } as const;
      await lab.begin({ ...more, sources: held.addresses, target: sipServer(lab) });
      await grownSilent();
    },
  },
  {
    name: "one-source-talks-once",
    story: "one source says one thing on each of 300 connections, then holds them",
    expected: ["single-source-hoard"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 1024, backlog: 1024 });
      await phones(lab, 150);
      await lab.hold({ behaviour: "talk-once", count: 300, sources: one, target: sipServer(lab) });
      await grownQuiet();
    },
  },
  {
    name: "one-source-keeps-alive",
    story: "one source sends CRLFCRLF on 250 connections and never registers",
    expected: ["single-source-hoard"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 1024, backlog: 1024 });
      await phones(lab, 150);
      const pings = { behaviour: "pings", count: 250, intervalMs: TALK_MS } as const;
      await lab.hold({ ...pings, sources: one, target: sipServer(lab) });
      await grownSilent();
    },
  },
  {
    name: "one-ipv6-network",
    story: "one IPv6 /64 opens 300 silent connections, an address each",
    expected: ["single-source-hoard"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 1024, backlog: 1024 });
      await phones(lab, 150);
      const target = { address: lab.victimAddress6, port: 5060 };
      const sources = { family: 6, addresses: 300 } as const;
      await lab.hold({ behaviour: "silent", count: 300, sources, target });
      await grownSilent();
    },
  },
  {
    name: "zero-window-one-source",
    story: "one source asks for much on 80 connections and reads nothing",
    expected: ["single-source-hoard"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 1024 });
      await phones(lab, 80);
      await lab.hold({ behaviour: "zero-window", count: 80, sources: one, target: sipServer(lab) });
      await grownQuiet();
    },
  },
  {
    name: "zero-window-many-sources",
    story: "thirty sources ask for much on three connections each and read nothing",
    expected: ["distributed-hoard"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 1024 });
      await phones(lab, 60);
      const sources = { family: 4, addresses: 30 } as const;
      await lab.hold({ behaviour: "zero-window", count: 90, sources, target: sipServer(lab) });
      await grownQuiet();
    },
  },
  {
    name: "office-with-a-hoarder",
    story: "an office of 100 phones that talk, and behind its address a program with 250 silent connections",
    expected: ["single-source-hoard"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 1024, backlog: 1024 });
      const office = await lab.hold({
        behaviour: "active",
        count: 100,
        sources: one,
        target: sipServer(lab),
        intervalMs: TALK_MS,
      });
      await phones(lab, 100);
      const sources = office.addresses;
      await lab.hold({ behaviour: "silent", count: 250, sources, target: sipServer(lab) });
      await grownSilent();
    },
  },
  {
    name: "three-sources-talk-once",
    story: "three sources say one thing on each of 100 connections, then hold them",
    expected: ["distributed-hoard"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 1024, backlog: 1024 });
      await phones(lab, 150);
      const sources = { family: 4, addresses: 3, spread: "far" } as const;
      await lab.hold({ behaviour: "talk-once", count: 300, sources, target: sipServer(lab) });
      await grownQuiet();
    },
  },
  {
    name: "many-sources-silent",
    story: "400 sources hold five silent connections each",
    expected: ["distributed-hoard"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 4096, backlog: 4096 });
      await phones(lab, 200);
      const sources = { family: 4, addresses: 400, spread: "far" } as const;
      await lab.hold({ behaviour: "silent", count: 2000, sources, target: sipServer(lab) });
      await grownSilent();
    },
  },
  {
    name: "many-sources-talk-once",
    story: "200 sources say one thing on each of ten connections, then hold them",
    expected: ["distributed-hoard"],
    stage: async (lab) => {
      await lab.echo({ port: 5060, descriptors: 4096, backlog: 4096 });
      await phones(lab, 200);
      const sources = { family: 4, addresses: 200, spread: "far" } as const;
      await lab.hold({ behaviour: "talk-once", count: 2000, sources, target: sipServer(lab) });
      await grownQuiet();
    },
  },
  {
    name: "kamailio-out-of-descriptors",
    story: "Kamailio at 256 descriptors: 60 registered phones, one silent source with 300 connections",
    expected: ["single-source-hoard"],
    needs: ["kamailio"],
    stage: async (lab) => {
      await lab.kamailio({ descriptors: 256 });
      const sources = { family: 4, addresses: 60 } as const;
      const registered = { behaviour: "registered", count: 60, text: REGISTER, intervalMs: TALK_MS } as const;
      await lab.hold({ ...registered, sources, target: sipServer(lab) });
      await lab.hold({ behaviour: "silent", count: 300, sources: one, target: sipServer(lab) });
      await grownSilent();
    },
  },
  {
    name: "kamailio-full-of-options",
    story: "three sources fill Kamailio's tcp_max_connections, one OPTIONS each, then hold",
    expected: ["distributed-hoard"],
    needs: ["kamailio"],
    stage: async (lab) => {
      await lab.kamailio({ connections: 300 });
      const registered = { behaviour: "registered", count: 60, text: REGISTER, intervalMs: TALK_MS } as const;
      await lab.hold({ ...registered, sources: { family: 4, addresses: 60 }, target: sipServer(lab) });
      const sources = { family: 4, addresses: 3, spread: "far" } as const;
      await lab.hold({ behaviour: "talk-once", count: 300, text: OPTIONS, sources, target: sipServer(lab) });
      await grownQuiet();
    },
  },
  {
    name: "mosquitto-silent-source",
    story: "mosquitto with 100 clients that ping, and one source with 300 connections that never CONNECT",
    expected: ["single-source-hoard"],
    needs: ["mosquitto"],
    stage: async (lab) => {
      await lab.mosquitto({ descriptors: 1024 });
      const clients = { text: MQTT_CONNECT, again: MQTT_PING, intervalMs: TALK_MS } as const;
      await lab.hold({
        behaviour: "registered",
        count: 100,
        ...clients,
        sources: { family: 4, addresses: 100 },
        target: mqttServer(lab),
      });
      await lab.hold({ behaviour: "silent", count: 300, sources: one, target: mqttServer(lab) });
      await grownSilent();
    },
  },
];
