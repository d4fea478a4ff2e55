// The JSON Schema (draft 2020-12) of the files, for editors: examples/sockwarden.schema.json.

import { z } from "zod";
import { unwrap } from "./definition.ts";
import { acceptedWords } from "./forms.ts";
import { configSchema } from "./schema.ts";
import { settingWords } from "./setting.ts";

const TITLE = "Configuration of Sockwarden";

/** The schema of every setting, with its words as the description. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(configSchema, {
    io: "input",
    override: ({ zodSchema, jsonSchema }) => {
      const words = settingWords(zodSchema);
      if (words === null) return;
      const accepted = acceptedWords(unwrap(zodSchema as unknown as z.ZodType));
      jsonSchema.description = [
        words.meaning,
        ...(accepted === null ? [] : [`Accepted: ${accepted}.`]),
        ...("words" in words.default && words.default.words !== ""
          ? [`Default: ${words.default.words}.`]
          : []),
        ...(words.danger === undefined ? [] : [`Danger: ${words.danger}`]),
        ...(words.reload === "restart" ? ["Only a restart applies a change."] : []),
      ].join(" ");
    },
  });
  return { ...schema, title: TITLE };
}
