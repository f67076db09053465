import { randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** 16 characters of a-z and 2-7 (80 random bits); safe on file systems that ignore case. */
export const randomId = (): string => [...randomBytes(16)].map(byte => ALPHABET[byte & 31]).join('');
