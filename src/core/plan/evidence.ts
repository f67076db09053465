/** Evidence for a source that keeps production's data although its files changed. */
export const OUTDATED = 'its files changed';
