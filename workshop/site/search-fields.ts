// What the search index knows of each section: the page that searches must ask for what the build has put in.
export const FIELDS = {
  idField: "id",
  fields: ["heading", "text", "page"],
  storeFields: ["heading", "page", "text"],
};
