import assert from "node:assert/strict";
import { test } from "node:test";
import type { Header } from "../message/header.ts";
import { header } from "../message/serialize.ts";
import { systemHash } from "../system.ts";
import { type Challenge, chooseChallenge } from "./challenge.ts";
import { authorization, digestResponse } from "./digest.ts";
import { type AuthSession, answerChallenge, hasRenewedNonce, NO_ANSWERS } from "./session.ts";

const RFC_7616: Challenge = {
  asker: "www",
  realm: "http-auth@example.org",
  nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
  opaque: "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
  algorithm: "MD5",
  algorithmText: "MD5",
  session: false,
  qopAuth: true,
  stale: false,
};
const MUFASA = {
  credentials: { user: "Mufasa", password: "Circle of Life" },
  method: "GET",
  uri: "/dir/index.html",
  cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
  nonceCount: 1,
};

for (const [algorithm, response] of [
  ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
  ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
] as const) {
  test(`digestResponse() gives RFC 7616's own answer for ${algorithm}`, () => {
    assert.equal(digestResponse({ ...MUFASA, challenge: { ...RFC_7616, algorithm } }, systemHash), response);
  });
}

test("digestResponse() gives the answers of RFC 2617 with qop and of RFC 2069 without", () => {
  const challenge: Challenge = {
    ...RFC_7616,
    realm: "testrealm@host.com",
    nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
  };
  const input = {
    ...MUFASA,
    challenge,
    credentials: { user: "Mufasa", password: "Circle Of Life" },
    cnonce: "0a4f113b",
  };
  assert.equal(digestResponse(input, systemHash), "6629fae49393a05397450978507c4ef1");
  const old = digestResponse({ ...input, challenge: { ...challenge, qopAuth: false } }, systemHash);
  assert.equal(old, "670fd8c2df070c60b045671b8b24ff02");
});

test("a -sess algorithm mixes nonce and cnonce into the secret", () => {
  const session = digestResponse({ ...MUFASA, challenge: { ...RFC_7616, session: true } }, systemHash);
  assert.notEqual(session, "8ca523f5e9506fed4657c9700eebdbec");
  const ha1 = systemHash(
    "MD5",
    `${systemHash("MD5", "Mufasa:http-auth@example.org:Circle of Life")}:${RFC_7616.nonce}:${MUFASA.cnonce}`,
  );
  const ha2 = systemHash("MD5", "GET:/dir/index.html");
  assert.equal(session, systemHash("MD5", `${ha1}:${RFC_7616.nonce}:00000001:${MUFASA.cnonce}:auth:${ha2}`));
});

test("authorization() quotes what the grammar quotes and nothing else", () => {
  const { name, value } = authorization({ ...MUFASA, challenge: { ...RFC_7616, realm: 'a"b' } }, systemHash);
  assert.equal(name, "Authorization");
  assert.match(value, /^Digest username="Mufasa", realm="a\\"b", nonce="/);
  assert.match(value, /, algorithm=MD5, opaque="[^"]+", qop=auth, nc=00000001, cnonce="/);
  const plain = authorization(
    {
      ...MUFASA,
      challenge: { ...RFC_7616, asker: "proxy", algorithmText: null, opaque: null, qopAuth: false },
    },
    systemHash,
  );
  assert.equal(plain.name, "Proxy-Authorization");
  assert.doesNotMatch(plain.value, /algorithm|opaque|qop|nc=|cnonce/);
});

const www = (value: string): readonly Header[] => [header("WWW-Authenticate", value)];

test("chooseChallenge() takes the topmost that it knows", () => {
  const headers = [
    header("WWW-Authenticate", 'Basic realm="r"'),
    header("WWW-Authenticate", 'Digest realm="r", nonce="n", algorithm=SHA-999'),
    header("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth-int"'),
    header("WWW-Authenticate", 'Digest realm="r", algorithm=MD5'),
    header(
      "WWW-Authenticate",
      'Digest realm="one, two", nonce="n2" ,algorithm=SHA-512-256-sess, qop="auth-int, auth",',
    ),
    header("WWW-Authenticate", 'Digest realm="r", nonce="n3"'),
  ];
  const chosen = chooseChallenge(headers, "www");
  assert.deepEqual(chosen && [chosen.realm, chosen.nonce, chosen.algorithm, chosen.session, chosen.qopAuth], [
    "one, two",
    "n2",
    "SHA-512-256",
    true,
    true,
  ]);
  assert.equal(chooseChallenge(headers, "proxy"), null);
  assert.equal(
    chooseChallenge(www('Digest realm="r", nonce="n'), "www"),
    null,
    "an open quote is no challenge",
  );
});

const challengeOf = (realm: string, stale = false) =>
  www(`Digest realm="${realm}", nonce="n"${stale ? ", stale=TRUE" : ""}`);
const play = (rounds: readonly (readonly Header[])[]): string => {
  let session: AuthSession = NO_ANSWERS;
  for (const headers of rounds) {
    const step = answerChallenge(session, 401, headers);
    if (step.kind === "refuse") return step.refusal;
    session = step.session;
  }
  return hasRenewedNonce(session) ? "answered with a renewed nonce" : "answered";
};

for (const [name, rounds, end] of [
  ["one realm", [challengeOf("a")], "answered"],
  ["two realms", [challengeOf("a"), challengeOf("b")], "answered"],
  ["a stale nonce", [challengeOf("a"), challengeOf("a", true)], "answered with a renewed nonce"],
  [
    "a nonce that is always stale",
    [challengeOf("a"), challengeOf("a", true), challengeOf("a", true)],
    "stale-nonce",
  ],
  ["the same realm again", [challengeOf("a"), challengeOf("a")], "auth-rejected"],
  ["a scheme not known", [www('Basic realm="a"')], "auth-unsupported"],
  ["a new realm every time", "abcdefgh".split("").map((realm) => challengeOf(realm)), "challenge-loop"],
] as const) {
  test(`answerChallenge() meets ${name}: ${end}`, () => assert.equal(play(rounds), end));
}
