/** A piece of Envoy configuration: plain data that becomes YAML. Envoy itself is the judge of it (`--mode validate`). */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Milliseconds as Envoy's `google.protobuf.Duration` text. */
export const seconds = (ms: number): string => `${String(ms / 1_000)}s`;

/** An extension config: `@type` first, then its fields. */
export const typed = (type: string, fields: JsonObject = {}): JsonObject => ({ '@type': `type.googleapis.com/${type}`, ...fields });
