/** Documents from outside, read in processes of their own. */
export { createReader, type Reader } from './createReader';
