/**
 * What the key of a provider is called between Envoy and us: by the provider and by what its cluster was made from. Envoy reads clusters
 * and routes apart and may refuse either, and we have new settings before it has; a name of the provider alone would give the key that is
 * meant for its new address to a cluster that still leads to the old one. Names of providers have no dot.
 */
export const keyName = (provider: string, fingerprint: string): string => `${provider}.${fingerprint}`;

/** The provider that a key is named for; any text for what is no name of a key. */
export const providerOfKey = (name: string): string => name.split('.', 1).join('');
