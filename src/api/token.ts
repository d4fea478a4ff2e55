// The bearer token of the API over TCP: the first line of a file that others may not read.

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { reasonOf } from "../model/index.ts";
import { ApiError } from "./errors.ts";

const TOKEN_BYTES = 32;
/** Shorter ones can be guessed. */
const TOKEN_CHARACTERS_MIN = 16;

/** The token of a file; an absent file is made. Throws ApiError if others may read it, or the token is too short. */
export function readToken(file: string): string {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    // It fails where a file, or a link, is there already.
    writeFileSync(file, `${randomBytes(TOKEN_BYTES).toString("base64url")}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST") throw refused(file, `cannot be made: ${reasonOf(error)}`, error);
  }
  return readExisting(file);
}

/** Whether both are the same, in a time that does not tell where they differ. */
export function sameToken(given: string, token: string): boolean {
  return timingSafeEqual(digest(given), digest(token));
}

function readExisting(file: string): string {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch (error) {
    throw refused(file, `cannot be read: ${reasonOf(error)}`, error);
  }
  try {
    const found = fstatSync(fd);
    if (!found.isFile()) throw refused(file, "is no regular file");
    if ((found.mode & 0o007) !== 0)
      throw refused(file, `may be read or written by others: chmod o= ${file}, then choose a new token`);
    const token = readFileSync(fd, "utf8").split("\n")[0]!.trim();
    if (token.length < TOKEN_CHARACTERS_MIN)
      throw refused(
        file,
        `has a token of fewer than ${TOKEN_CHARACTERS_MIN} characters; without the file one is made`,
      );
    return token;
  } finally {
    closeSync(fd);
  }
}

function refused(file: string, words: string, cause?: unknown): ApiError {
  return new ApiError("token", "read the token", `the token file ${file} ${words}`, cause);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
