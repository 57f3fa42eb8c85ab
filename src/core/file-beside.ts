/**
 * A file beside the one whose `import.meta.url` is given, as both are here: TypeScript under type stripping, JavaScript once emitted. `name` is
 * without its ending.
 */
export const fileBeside = (name: string, url: string): URL => new URL(`./${name}.${url.endsWith('.ts') ? 'ts' : 'js'}`, url);
