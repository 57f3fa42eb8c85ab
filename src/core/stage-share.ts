/** Of Envoy's own timeout: a stage answers before it, so that the refusal is ours and says why. */
export const stageShare = 0.8;
