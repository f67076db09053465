/** Emphasises a text. */
export type Paint = (text: string) => string;

/** Emphasis of words on one stream; plain if it has no colour. */
export interface Style {
  readonly good: Paint;
  readonly bad: Paint;
  readonly caution: Paint;
  readonly note: Paint;
  readonly strong: Paint;
  readonly faint: Paint;
}

const plain: Paint = text => text;
const sgr =
  (open: number, close: number): Paint =>
  text =>
    `\u001b[${open}m${text}\u001b[${close}m`;

/** No emphasis. */
export const PLAIN: Style = { good: plain, bad: plain, caution: plain, note: plain, strong: plain, faint: plain };

const COLOURED: Style = {
  good: sgr(32, 39),
  bad: sgr(31, 39),
  caution: sgr(33, 39),
  note: sgr(36, 39),
  strong: sgr(1, 22),
  faint: sgr(2, 22),
};

/** The coloured or the plain style. */
export const createStyle = (colour: boolean): Style => (colour ? COLOURED : PLAIN);
