/** Entry for the Makefile: TensorFlow's library from the cache into node_modules, where there is one; obtains nothing. */
import { locateTensorflow } from './tensorflow';

locateTensorflow();
