import { EXIT, type Command, type CommandContext } from './command.ts';
import { runAction, type Action } from './run-command.ts';

/** A command whose first word says what to do: `keys list`. Each action's name is the command's and its own. */
export function actionCommand(name: string, summary: string, usage: string, actions: readonly Action[]): Command {
  const words = actions.map((action) => action.name.slice(name.length + 1));
  return {
    name,
    summary,
    usage,
    run: async ([word = '', ...rest], context: CommandContext) => {
      const action = actions.find((each) => each.name === `${name} ${word}`);
      if (action !== undefined) {
        return runAction(action, rest, context);
      }
      if (word === '--help') {
        context.stdout(usage);
        return EXIT.done;
      }
      context.stderr(`sallyport ${name}: say ${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}\n\n${usage}`);
      return EXIT.usage;
    },
  };
}
