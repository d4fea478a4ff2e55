// Tells which programs are servers of long-lived connections.

const SERVER_PROGRAMS =
  /^(kamailio|opensips|asterisk|freeswitch|drachtio|mosquitto|emqx|vernemq|rabbitmq|beam\.smp|nginx|haproxy|envoy|traefik|caddy|ejabberd|prosody|openfire|dovecot|coturn|turnserver|centrifugo)/;

/** By the name of a process or of a unit. */
export function isServerProgram(name: string): boolean {
  return SERVER_PROGRAMS.test(name);
}
