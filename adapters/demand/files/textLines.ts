/** Bytes that end on whole lines enter, their lines leave in batches, each with its number. Line ends: LF or CRLF. */
import { StringDecoder } from 'node:string_decoder';
import { type ByteStream, longestLine } from './byteStream';

export interface TextLine {
  /** 1 = the first. */
  readonly line: number;
  readonly text: string;
  /** Why it was not read. */
  readonly bad?: string;
}

/** One batch a chunk of the stream, so that memory stays at a chunk. A byte order mark is dropped. */
export async function* textLines({ bytes }: Pick<ByteStream, 'bytes'>): AsyncGenerator<TextLine[]> {
  const decoder = new StringDecoder('utf8');
  let line = 0;
  for await (const chunk of bytes) {
    if (chunk === null) {
      line++;
      yield [tooLong(line)];
      continue;
    }
    let content = decoder.write(chunk);
    if (line === 0) content = content.replace(/^\uFEFF/, '');
    const texts = content.split('\n');
    // What follows the last line end is nothing, except at the end of a file without one.
    if (texts.at(-1) === '') texts.pop();
    const batch: TextLine[] = [];
    for (const text of texts) {
      line++;
      batch.push(
        text.length > longestLine
          ? tooLong(line)
          : { line, text: text.endsWith('\r') ? text.slice(0, -1) : text },
      );
    }
    yield batch;
  }
}

const tooLong = (line: number): TextLine => ({ line, text: '', bad: `has more than ${longestLine} bytes` });
