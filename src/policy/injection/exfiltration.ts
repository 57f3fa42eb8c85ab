/** So many characters in one value of a query, or in one step of a path, can carry what was said; sizes, styles and versions are shorter. */
const dataMin = 24;

const address = String.raw`https?:\/\/([^\s\/?#)"'<>]{1,253})([^\s)"'<>]{0,2000})`;

/** Loaded without a click: images of Markdown, in place and by reference, and of HTML. */
const images = [
  new RegExp(String.raw`!\[[^\]\n]{0,200}\]\([ <]{0,2}${address}`, 'gi'),
  new RegExp(String.raw`^ {0,3}\[[^\]\n]{1,100}\]:[ <]{1,3}${address}`, 'gim'),
  new RegExp(String.raw`<img\b[^>]{0,200}?\bsrc=["']?${address}`, 'gi'),
];

const links = [new RegExp(String.raw`(?<!!)\[[^\]\n]{0,200}\]\([ <]{0,2}${address}`, 'gi')];

/** What stands for a value, as a model may write it: the value is going to be in its place. */
const placeholder = String.raw`[Pp][Ii]{2}\\{0,2}_[A-Za-z0-9_\\]{1,80}_[A-Za-z2-7]{12}`;
const placeholderPattern = new RegExp(placeholder);

export const dataPattern = new RegExp(
  String.raw`[?&#][^=&#\s]{0,40}=[^&#\s]{${String(dataMin)}}|\/[A-Za-z0-9+_=%-]{${String(dataMin * 2)}}|${placeholder}`,
);

/** True where a host that is not trusted gets more than what an address of its own needs. `rest` is what stands behind the host. */
export const carriesData = (host: string, rest: string, trusted: ReadonlySet<string>): boolean =>
  !trusted.has(host.toLowerCase()) && (dataPattern.test(rest) || placeholderPattern.test(host));

const hasData = (patterns: readonly RegExp[], text: string, trusted: ReadonlySet<string>): boolean =>
  patterns.some((pattern) => [...text.matchAll(pattern)].some(([, host = '', rest = '']) => carriesData(host, rest, trusted)));

/** True for an image that carries data to a host that is not trusted: showing it sends the data. */
export const hasExfiltrationImage = (text: string, trusted: ReadonlySet<string>): boolean =>
  text.includes('://') && hasData(images, text, trusted);

/** The same of a link, which waits for a click and has good uses: a signal, no more. */
export const hasDataLink = (text: string, trusted: ReadonlySet<string>): boolean => text.includes('](') && hasData(links, text, trusted);
