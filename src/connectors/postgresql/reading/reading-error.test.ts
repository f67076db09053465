import { describe, expect, it } from 'vitest';
import { postgresNode } from '../source-bench.testing.ts';
import { readingError } from './reading-error.ts';

describe('readingError', () => {
  const QUERY = 'COPY (SELECT "c0" FROM (select a: "x": y) AS q ) TO STDOUT (FORMAT "binary");';

  it.each([
    ['IO Error: Failed to fetch header for COPY: ERROR:  division by zero\n', 'source-unreadable', 'division by zero'],
    [
      `Invalid Error: Failed to prepare COPY "${QUERY}": ERROR:  division by zero\n`,
      'source-unreadable',
      'division by zero',
    ],
    [
      `Invalid Error: Failed to prepare COPY "${QUERY}": FEHLER:  Division durch Null\n`,
      'source-unreadable',
      'Division durch Null',
    ],
    [
      'Binder Error: Failed to prepare query "select x": ERROR:  column "x" does not exist\nLINE 1: select x\n               ^\n',
      'source-unreadable',
      'column "x" does not exist',
    ],
    [
      `Invalid Error: Failed to prepare COPY "${QUERY}": server closed the connection unexpectedly\n\tThis probably means`,
      'connection-lost',
      'the connection to the server was lost',
    ],
    [
      'IO Error: Unable to read binary COPY data from Postgres: server closed the connection unexpectedly\n',
      'connection-lost',
      'the connection to the server was lost',
    ],
    ['Invalid Error: Failed to execute query "ROLLBACK": ', 'connection-lost', 'the connection to the server was lost'],
    ['Conversion Error: Could not convert x\nLINE 1: y', 'source-unreadable', 'Could not convert x'],
    ['Plain words', 'source-unreadable', 'Plain words'],
  ])('%j', (said, code, words) => {
    expect(readingError(postgresNode({}), new Error(said))).toMatchObject({
      code,
      message: `source.orders cannot be read: ${words}.`,
    });
  });
});
