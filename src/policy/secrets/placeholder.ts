/** Words of manuals and templates in the place of a value. Long enough that random values do not have them by chance. */
const words =
  /example|change[-_]?me|placeholder|redacted|x{6}|dummy[-_]|(?:insert|replace|enter)[-_]|your[-_ ]?(?:own|api|key|token|secret|pass|access|auth)|(?:key|token|secret|password)[-_ ](?:goes[-_ ])?here/i;

/** Variables of shells and templates, format strings, what is masked already. */
const variable = /\$\{|\{\{|^\$|%\(|^%s|^<|^\{|\*{3}|\.{3}/;

/** True for what stands for a value instead of being one: `…EXAMPLE`, `xxxxxx`, `your-key`, `${VAR}`, `{{ x }}`, `<key>`. */
export const isPlaceholder = (text: string): boolean => words.test(text) || variable.test(text);
