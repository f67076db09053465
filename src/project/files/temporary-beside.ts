import { dirname, join } from 'node:path';
import { randomId } from '../../store/random-id.ts';

/** Path of a temporary file in the same folder, to be renamed to `path`. Its name cannot be guessed, so no link can be planted there. */
export const temporaryBeside = (path: string): string => join(dirname(path), `.seeknal-${randomId()}.part`);
