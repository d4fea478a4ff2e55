// The packets of an MQTT 3.1.1 client. Bytes as Latin-1.

/** CONNECT without an identifier: the broker gives one. Clean session, keep-alive 60 s. */
export const MQTT_CONNECT = "\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00";
/** SUBSCRIBE to the topic "news" at QoS 0. */
export const MQTT_SUBSCRIBE = "\x82\x09\x00\x01\x00\x04news\x00";
export const MQTT_PING = "\xc0\x00";
/** PUBLISH "x" to the topic "news" at QoS 0. */
export const MQTT_PUBLISH = "\x30\x07\x00\x04newsx";
