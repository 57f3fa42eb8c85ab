import type { Ports } from './ports.ts';
import type { StoreWait } from './store-wait.ts';

/** The same ports, for one exchange: all that they ask of stores is waited for out of `wait`. */
export const withStoreWait = (ports: Ports, wait: StoreWait): Ports => ({
  ...ports,
  keys: {
    find: (id) => wait.for(ports.keys.find(id)),
    blocks: () => wait.for(ports.keys.blocks()),
  },
  approvals: { approvals: () => wait.for(ports.approvals.approvals()) },
  holds: { take: (question) => ports.holds.take(question, wait) },
});
