type Bytes = readonly number[];

/** The parts of Thrift's compact protocol that a Parquet footer needs. */
const zigzag = (value: number): Bytes => {
  const bytes: number[] = [];
  let rest = value * 2;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
};
const text = (value: string): Bytes => [value.length, ...Buffer.from(value)];
const list = (type: number, ...values: readonly Bytes[]): Bytes => [(values.length << 4) | type, ...values.flat()];
const struct = (...fields: readonly (readonly [id: number, type: number, value: Bytes])[]): Bytes => [
  ...fields.flatMap(([id, type, value], index) => [((id - (fields[index - 1]?.[0] ?? 0)) << 4) | type, ...value]),
  0,
];
const [I32, I64, BINARY, LIST, STRUCT] = [5, 6, 8, 9, 12];

/** A Parquet file on which DuckDB fails fatally: its column claims to be encrypted, but the file lacks the metadata. */
export function brokenParquet(column = 'n'): Buffer {
  const header = struct([1, I32, zigzag(1)], [2, I32, zigzag(0)], [3, I32, zigzag(3)], [4, I32, zigzag(3)]);
  const page = [
    ...struct([1, I32, zigzag(0)], [2, I32, zigzag(4)], [3, I32, zigzag(4)], [5, STRUCT, header]),
    ...[42, 0, 0, 0],
  ];
  const size = zigzag(page.length);
  const meta = struct(
    [1, I32, zigzag(1)],
    [2, LIST, list(I32, zigzag(0))],
    [3, LIST, list(BINARY, text(column))],
    [4, I32, zigzag(0)],
    [5, I64, zigzag(1)],
    [6, I64, size],
    [7, I64, size],
    [9, I64, zigzag(4)],
  );
  const chunk = struct([2, I64, zigzag(4)], [3, STRUCT, meta], [8, STRUCT, struct([1, STRUCT, struct()])]);
  const schema = [
    struct([4, BINARY, text('schema')], [5, I32, zigzag(1)]),
    struct([1, I32, zigzag(1)], [3, I32, zigzag(0)], [4, BINARY, text(column)]),
  ];
  const group = struct([1, LIST, list(STRUCT, chunk)], [2, I64, size], [3, I64, zigzag(1)]);
  const footer = struct(
    [1, I32, zigzag(1)],
    [2, LIST, list(STRUCT, ...schema)],
    [3, I64, zigzag(1)],
    [4, LIST, list(STRUCT, group)],
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  const mark = Buffer.from('PAR1');
  return Buffer.concat([mark, Buffer.from(page), Buffer.from(footer), length, mark]);
}
