// Certificates for tests, made anew by openssl: an authority, and certificates signed by it or by nobody.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  /** The authority in PEM. */
  readonly ca: string;
  readonly caFile: string;
  make(name: string, subjectAltName: string, days: number): CertificateFiles;
}

export function inPath(program: string): boolean {
  const { PATH = "" } = process.env;
  const folders = [...PATH.split(":"), "/usr/sbin", "/sbin"];
  return folders.some((folder) => existsSync(path.join(folder, program)));
}

/** `days` -1 makes one that has expired. Files go into `folder`, which the caller removes. */
export function makeCertificates(folder: string): Certificates {
  const file = (name: string) => path.join(folder, name);
  const openssl = (...args: readonly string[]) =>
    execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    file("ca.key"),
    "-out",
    file("ca.pem"),
    "-subj",
    "/CN=Test authority",
    "-days",
    "30",
  );
  return {
    ca: readFileSync(file("ca.pem"), "utf8"),
    caFile: file("ca.pem"),
    make: (name, subjectAltName, days) => {
      const [key, request, cert, extensions] = [
        `${name}.key`,
        `${name}.csr`,
        `${name}.pem`,
        `${name}.ext`,
      ].map(file) as [string, string, string, string];
      openssl("req", ...newKey, key, "-out", request, "-subj", `/CN=${name}`);
      writeFileSync(extensions, `subjectAltName=${subjectAltName}\n`);
      openssl(
        "x509",
        "-req",
        "-in",
        request,
        "-CA",
        file("ca.pem"),
        "-CAkey",
        file("ca.key"),
        "-CAcreateserial",
        "-out",
        cert,
        "-days",
        String(days),
        "-extfile",
        extensions,
      );
      return { cert, key };
    },
  };
}
