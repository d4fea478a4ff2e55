// The rooms and whom each may import, as data: design of the house. docs/architecture.md tells the same to people, and a
// test compares the two.

export interface Row {
  /** Rooms whose door may be imported. */
  readonly all: readonly string[];
  /** Rooms that give only types, by `import type`. */
  readonly types: readonly string[];
}

export type RoomTable = Readonly<Record<string, Row>>;

/** The rooms below `src/`, each with those it may import; a name without a folder is a room of `src/`. */
const PROGRAM = {
  model: row(),
  linux: row("model"),
  census: row("model", "linux"),
  track: row("model", "linux", "census"),
  judge: row("model", "types of census", "types of track"),
  enforce: row("model", "linux"),
  guard: row("model", "types of census", "types of track", "types of judge", "types of enforce"),
  record: row("model", "linux", "census", "track", "judge"),
  settings: row("model", "linux"),
  programs: row("model", "linux"),
  diagnose: row("model", "linux", "census", "track", "settings", "programs"),
  doctor: row("model", "linux", "census", "settings", "programs"),
  tune: row("model", "linux", "census", "settings"),
  sip: row("model"),
  config: row("model", "linux"),
  api: row("model", "linux", "record", "config"),
  client: row("model", "types of api"),
  daemon: row(
    ...["model", "linux", "census", "track", "judge", "enforce", "guard", "record"],
    ...["settings", "programs", "sip", "config", "api"],
  ),
  cli: row(
    ...["model", "census", "track", "enforce", "settings", "programs", "diagnose", "doctor", "tune", "sip"],
    ...["config", "api", "client", "daemon", "/lab"],
  ),
} as const;

const ALL_OF_SRC = Object.keys(PROGRAM);

export const ROOMS: RoomTable = {
  ...Object.fromEntries(Object.entries(PROGRAM).map(([room, may]) => [`src/${room}`, may])),
  lab: row("model", "linux"),
  bench: row(...ALL_OF_SRC, "/lab"),
  test: row(...ALL_OF_SRC, "/lab", "/bench"),
};

function row(...rooms: readonly string[]): Row {
  const place = (room: string): string => (room.startsWith("/") ? room.slice(1) : `src/${room}`);
  const isTypes = (room: string): boolean => room.startsWith("types of ");
  return {
    all: rooms.filter((room) => !isTypes(room)).map(place),
    types: rooms.filter(isTypes).map((room) => place(room.slice("types of ".length))),
  };
}

/** The room that a file lies in: `src/census`, `lab`. */
export function roomOf(file: string): string {
  return file
    .split("/")
    .slice(0, file.startsWith("src/") ? 2 : 1)
    .join("/");
}

/** Whether a file is a test, or made for tests alone. */
export function isTest(file: string): boolean {
  return /^test\/|\.test\.ts$|(^|\/)fakes\.ts$|(^|\/)(testing|fixtures)\//.test(file);
}
