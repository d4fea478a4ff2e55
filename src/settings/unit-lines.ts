// The assignments of a systemd file (systemd.syntax(7)): `NAME=VALUE` in sections. Pure.

/** A setting with the place that it comes from. */
export interface UnitSetting {
  /** `Service` in the lines below `[Service]`; "" above the first section. */
  readonly section: string;
  readonly name: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

/** The assignments in their order. Empty values are kept, since they take back the values before them. */
export function parseUnitLines(text: string, file: string): UnitSetting[] {
  let section = "";
  return text.split("\n").flatMap((raw, i) => {
    section = /^\s*\[(.+)\]\s*$/.exec(raw)?.[1] ?? section;
    const match = /^\s*([A-Za-z]\w*)\s*=\s*(.*?)\s*$/.exec(raw);
    return match === null ? [] : [{ section, name: match[1]!, value: match[2]!, file, line: i + 1 }];
  });
}

/** Drops the settings that a later empty value takes back. */
export function withoutTakenBack(settings: readonly UnitSetting[]): UnitSetting[] {
  const left: UnitSetting[] = [];
  for (const setting of settings) {
    if (setting.value !== "") left.push(setting);
    else left.splice(0, left.length, ...left.filter(({ name }) => name !== setting.name));
  }
  return left;
}

/** The settings in force: the last of each name. */
export function lastOfEach(settings: readonly UnitSetting[]): UnitSetting[] {
  return [...new Map(settings.map((setting) => [setting.name, setting])).values()];
}
