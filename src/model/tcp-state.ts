// TCP states with the kernel's numbers (include/net/tcp_states.h). They are the same on every kernel since 2.6.

export const TcpState = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT1: 4,
  FIN_WAIT2: 5,
  TIME_WAIT: 6,
  CLOSE: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
  LISTEN: 10,
  CLOSING: 11,
} as const;

export type TcpState = (typeof TcpState)[keyof typeof TcpState];
