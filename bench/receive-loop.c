/* The floor: asks the kernel for the same dump as a scan does and only receives it, walking the messages. Prints one
   line of JSON: the milliseconds of each round, sockets and bytes of the last. Usage: receive-loop ROUNDS */

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static char buffer[65536];

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void dump(int fd, int family, long *sockets, long *bytes) {
  struct { struct nlmsghdr h; struct inet_diag_req_v2 r; } q;
  memset(&q, 0, sizeof q);
  q.h.nlmsg_len = sizeof q;
  q.h.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  q.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  q.r.sdiag_family = family;
  q.r.sdiag_protocol = 6;                      /* IPPROTO_TCP */
  q.r.idiag_ext = 1 << (INET_DIAG_INFO - 1);
  q.r.idiag_states = 0xfff & ~(1 << 10 | 1 << 7); /* all but LISTEN and CLOSE */
  if (send(fd, &q, sizeof q, 0) < 0) exit(1);
  for (;;) {
    int length = recv(fd, buffer, sizeof buffer, 0);
    if (length < 0) exit(1);
    *bytes += length;
    for (struct nlmsghdr *h = (void *)buffer; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
      if (h->nlmsg_type == NLMSG_DONE) return;
      if (h->nlmsg_type == NLMSG_ERROR) exit(1);
      ++*sockets;
    }
  }
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 1, queue = 4 << 20;
  int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
  if (fd < 0) return 1;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof queue);
  long sockets = 0, bytes = 0;
  printf("{\"ms\":[");
  for (int i = 0; i < rounds; i++) {
    double start = now_ms();
    sockets = bytes = 0;
    dump(fd, AF_INET, &sockets, &bytes);
    dump(fd, AF_INET6, &sockets, &bytes);
    printf("%s%.3f", i ? "," : "", now_ms() - start);
  }
  printf("],\"sockets\":%ld,\"bytes\":%ld}\n", sockets, bytes);
  return 0;
}
