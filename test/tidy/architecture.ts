// The table of rooms as docs/architecture.md tells it to people. Pure.

import type { RoomTable, Row } from "./rooms.ts";

/** The rows of the document's table, in the form of the data. Throws at a room with no row or with two. */
export function describedRooms(document: string): RoomTable {
  const rows = [...document.matchAll(/^\| `([\w/-]+)`\s*\|[^|]*\|([^|]*)\|$/gm)];
  const rooms = rows.map(([, room]) => room!);
  const twice = rooms.find((room, i) => rooms.indexOf(room) !== i);
  if (twice !== undefined) throw new Error(`docs/architecture.md: two rows for ${twice}`);
  return Object.fromEntries(rows.map(([, room, may]) => [room, rowOf(may!.trim(), room!, rooms)]));
}

/** `nothing`; `model, linux`; `model, types of census and track`; `all but cli`; `all, lab`. */
function rowOf(text: string, room: string, rooms: readonly string[]): Row {
  if (text === "nothing") return { all: [], types: [] };
  const [plain = "", types = ""] = text.replace(/\([^)]*\)/g, "").split("types of ");
  const [, except] = /^all but (.*)$/.exec(plain) ?? [];
  const own = rooms.filter((each) => each.startsWith("src/") && each !== room);
  if (except !== undefined) {
    const left = placesOf(except, rooms);
    return { all: own.filter((each) => !left.includes(each)), types: placesOf(types, rooms) };
  }
  const listed = plain.split(",").map((each) => each.trim());
  const all = listed.includes("all") ? own : [];
  return {
    all: [...all, ...placesOf(listed.filter((each) => each !== "all").join(","), rooms)],
    types: placesOf(types, rooms),
  };
}

function placesOf(list: string, rooms: readonly string[]): string[] {
  return list
    .split(/,|\band\b/)
    .map((name) => name.trim())
    .filter((name) => name !== "")
    .map((name) => {
      const place = [`src/${name}`, name].find((each) => rooms.includes(each));
      if (place === undefined) throw new Error(`docs/architecture.md: no row for ${name}`);
      return place;
    });
}
