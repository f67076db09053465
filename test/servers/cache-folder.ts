import { join } from 'node:path';
import { REPOSITORY } from '../support/repository.ts';

/** What tests fetch or build once per clone: extensions and data templates. Not tracked by git. */
export const CACHE_FOLDER = join(REPOSITORY, 'node_modules', '.cache', 'seeknal-tests');

/** Programs that servers run from. Their account cannot enter a clone below root's home folder. */
export const PROGRAM_FOLDER = process.getuid?.() === 0 ? '/var/cache/seeknal-tests' : CACHE_FOLDER;
