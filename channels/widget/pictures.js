// The assistant reads words only: a picture that is pasted or dropped is refused with a sentence.

const holdsFiles = (transfer) => [...(transfer?.types || [])].includes("Files");

/** `told()` is called for each picture below `node`; a paste that also holds words goes on as usual. */
export function refusePictures(node, told) {
  node.addEventListener("paste", (event) => {
    if (!holdsFiles(event.clipboardData) || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    told();
  });
  // Without this the browser would leave the page for the picture.
  node.addEventListener("dragover", (event) => holdsFiles(event.dataTransfer) && event.preventDefault());
  node.addEventListener("drop", (event) => {
    if (!holdsFiles(event.dataTransfer)) return;
    event.preventDefault();
    told();
  });
}
