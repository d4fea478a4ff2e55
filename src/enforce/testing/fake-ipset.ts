// The sets of ip_set in memory, and the calls on them and on iptables.

import { Errno, IpsetCommand } from "../../linux/index.ts";
import type { IpsetParts } from "../ipset.ts";

/** IPSET_ERR_BUSY. */
const IN_USE = 4353;

type IpsetElement = ReturnType<IpsetParts["socket"]["elements"]>[number];

/** The sets of ip_set, by name, and the calls on them and on iptables. */
export class FakeIpset {
  readonly kernel: Map<string, Map<string, IpsetElement>> = new Map();
  readonly log: string[] = [];
  /** Sets whose name belongs to a set of another kind until that is destroyed. */
  readonly otherKind: Set<string> = new Set();
  /** Sets that somebody else's rule uses. */
  readonly used: Set<string> = new Set();
  rulesDisturbed = false;

  readonly parts: IpsetParts = {
    socket: {
      create: ({ name }) => {
        if (this.otherKind.has(name)) return answer(Errno.EEXIST);
        if (!this.kernel.has(name)) this.kernel.set(name, new Map());
        return answer(0);
      },
      destroy: (name) => {
        this.log.push(`destroy ${name}`);
        if (this.used.has(name)) return answer(IN_USE);
        this.otherKind.delete(name);
        return answer(this.kernel.delete(name) ? 0 : Errno.ENOENT);
      },
      change: (command, name, elements) => this.#change(command, name, elements),
      sets: () => [...this.kernel].map(([name, { size }]) => ({ name, elements: size }) as never),
      elements: (name) => [...(this.kernel.get(name)?.values() ?? [])],
      [Symbol.dispose]: () => this.log.push("dispose socket"),
    },
    iptables: {
      apply: (_, table, family) => this.log.push(`clear ${table} ${family}`),
      applyAll: (spec) => this.log.push(spec === null ? "clear all" : "rules"),
      seen: () => this.log.push("seen"),
      disturbed: () => this.rulesDisturbed,
      [Symbol.dispose]: () => this.log.push("dispose iptables"),
    },
  };

  #change(
    command: (typeof IpsetCommand)["ADD" | "DEL"],
    name: string,
    elements: Parameters<IpsetParts["socket"]["change"]>[2],
  ): { errno: number; words: string | null } {
    const set = this.kernel.get(name);
    if (set === undefined) return answer(Errno.ENOENT);
    for (const { address, length, timeoutSeconds = 0 } of elements) {
      const key = `${Buffer.from(address).toString("hex")}/${length}`;
      if (command === IpsetCommand.ADD) set.set(key, { address, length, timeoutSeconds, packets: 0 });
      else if (!set.delete(key)) return answer(Errno.ENOENT);
    }
    return answer(0);
  }
}

function answer(errno: number): { errno: number; words: string | null } {
  return { errno, words: null };
}
