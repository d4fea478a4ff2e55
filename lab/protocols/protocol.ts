// The protocols of honest clients: what client and server say to each other. Each thing that a client wants is a
// dialogue of its own. Texts are bytes as Latin-1. Pure: the connection is the honest worker's.

export type ProtocolName = "echo" | "sip" | "mqtt";

/** What to do after a piece was heard. */
export type Reply =
  | { readonly kind: "wait" }
  | { readonly kind: "say"; readonly text: string }
  /** The client has what it wanted. It says `farewell`, if given, before it hangs up. */
  | { readonly kind: "done"; readonly farewell?: string }
  /** The server said no. */
  | { readonly kind: "refused" };

export interface Dialogue {
  /** The first message. */
  readonly opening: string;
  /** Takes the bytes that came, in any pieces. */
  hear(piece: string): Reply;
}

/** The dialogues of a protocol. Each takes the client's number: no two clients of a pool have the same. */
export interface Protocol {
  /** The dialogue of a client that means to stay. Said again, it renews that. */
  readonly join: (client: number) => Dialogue;
  /** The dialogue that keeps its connection alive. */
  readonly ping: (client: number) => Dialogue;
  /** The dialogue of a caller, who comes with a new connection for one answer. */
  readonly call: (client: number) => Dialogue;
}

export const WAIT: Reply = { kind: "wait" };
export const DONE: Reply = { kind: "done" };
export const REFUSED: Reply = { kind: "refused" };

/** A dialogue of one message. Anything at all answers it. */
export function oneLineDialogue(opening: string): Dialogue {
  return { opening, hear: () => DONE };
}
