/** What somebody wants to send: folders, zips, or loose images, however they were chosen. */
import { crcOf } from "~/pages/scans/upload/crc";

export interface PickedFile {
  /** Below its folder, with slashes. */
  path: string;
  file: File;
}

/** What becomes one scan. */
export interface Pick {
  name: string;
  kind: "folder" | "zip";
  files: readonly PickedFile[];
  bytes: number;
}

// Files that systems leave in folders; the service would have to look at them for nothing.
const LEFTOVERS = /^(\..*|thumbs\.db|desktop\.ini|__macosx)$/i;

const isLeftover = (path: string) => path.split("/").some((part) => LEFTOVERS.test(part));
const isZip = (path: string) => !path.includes("/") && /\.zip$/i.test(path);

/** Files by their paths, as scans: one for each folder and each zip; loose files are one together. */
export function picksOf(files: readonly PickedFile[]): Pick[] {
  const folders = new Map<string, PickedFile[]>();
  const picks: Pick[] = [];
  for (const { path, file } of files) {
    if (isLeftover(path)) continue;
    if (isZip(path)) {
      const name = path.replace(/\.zip$/i, "");
      picks.push({ name, kind: "zip", files: [{ path, file }], bytes: file.size });
      continue;
    }
    const at = path.indexOf("/");
    const folder = path.slice(0, Math.max(at, 0));
    const below = { path: path.slice(at + 1), file };
    const others = folders.get(folder);
    if (others) others.push(below);
    else folders.set(folder, [below]);
  }
  for (const [name, inside] of folders) picks.push(folderOf(name || "scan", inside));
  return picks;
}

function folderOf(name: string, files: PickedFile[]): Pick {
  // In one order, whatever the system's is: the same folder makes the same archive.
  files.sort((one, other) => (one.path < other.path ? -1 : 1));
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  return { name, kind: "folder", files, bytes };
}

/** What a pick is known by: chosen again after a reload, its upload goes on. */
export function keyOf(pick: Pick): string {
  const lines = pick.files.map(({ path, file }) => `${path} ${file.size} ${file.lastModified}`);
  const sum = crcOf(new TextEncoder().encode(lines.join("\n"))).toString(16);
  return `page: ${pick.name.slice(0, 100)}, ${pick.files.length} files, ${pick.bytes} bytes, ${sum}`;
}

/** Files of an input: `webkitdirectory` gives them their paths. */
export function pickedByInput(files: FileList): PickedFile[] {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** Files of what was dropped, with those in its folders; `onCount` tells how many were found. */
export async function pickedByDrop(
  items: DataTransferItemList,
  onCount: (count: number) => void,
): Promise<PickedFile[]> {
  // After the first wait the list is empty: entries are taken at once.
  const waiting = [...items].map((item) => item.webkitGetAsEntry()).filter((one) => one !== null);
  const found: PickedFile[] = [];
  for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
    if (isLeftover(entry.name)) continue;
    if (isFolder(entry)) waiting.unshift(...(await entriesIn(entry)));
    else found.push({ path: entry.fullPath.replace(/^\//, ""), file: await fileOf(entry) });
    if (found.length % 100 === 0) onCount(found.length);
  }
  return found;
}

const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

async function entriesIn(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  // A browser gives a hundred at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((give, fail) =>
      reader.readEntries(give, fail),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function fileOf(entry: FileSystemEntry): Promise<File> {
  return new Promise((give, fail) => (entry as FileSystemFileEntry).file(give, fail));
}
