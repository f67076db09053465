/** Of a source that keeps production's data: its files hold something else now. */
export const OUTDATED = 'its files changed';
