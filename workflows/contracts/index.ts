/**
 * Everything that crosses the border of a workflow: names, ids, inputs, signals, updates, queries and what activities
 * take and give. All of it is plain JSON, small, and stays readable in the Temporal UI. By subject in the folder of this
 * name; imported from here.
 */
export * from './acting';
export * from './category';
export * from './deciding';
export * from './feeds';
export * from './names';
export * from './training';
