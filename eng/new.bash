# Makes services from the template and adds them to all that lists services; sourced by ./mneme.
# shellcheck shell=bash disable=SC2154 # root and the functions used here are the launcher's.

# Words that mean something else to C#, to .NET or to the platform, in the form in which a name would be written.
reserved=' Abstract Action Actor All As Audit Base Bool Break Byte Case Catch Char Checked Class Completed Const Continue Created Decimal Default Delegate Description Do Domain
 Double Else Enum Event Exception Explicit Extern False Features Field Finally Fixed Float For Foreach Gateway Goto Guid If Implicit In Inbox Infrastructure Int
 Interface Internal Is Jobs Lock Long Migrations Mneme Namespace New Null Object Operator Options Out Outbox Outcome Override Page Params Private Problem Protected
 Public Readonly Record Ref Request Response Return Sbyte Sealed Service Short Sizeof Stackalloc Static String Struct Switch System Task Tests This Throw Title True Try
 Type Typeof Uint Ulong Unchecked Unsafe Ushort Using Value Values Version Virtual Void Volatile While '

new_command() {
  local what=${1:-} name=${2:-} entity=
  case $#/$what/${3:-} in
    2/service/ | 2/register/) ;;
    4/service/--entity) entity=$4 && check_word "what --entity names" "$entity" Invoice ;;
    *) new_usage ;;
  esac
  check_word "the name of a service" "$name" Invoices
  if [[ $entity == "$name" ]]; then die "--entity says what one of the $name is called, so it cannot be $name as well."; fi

  need_sdk
  cd "$root" || exit
  lock_build
  work=$(mktemp -d)
  created=()
  trap undo EXIT
  mkdir "$work/before"
  if [[ $what == service ]]; then generate "$name" "$entity"; fi
  register "$name"
  trap - EXIT
  rm -rf "$work"
  unlock_build
  if [[ $what == service ]]; then say "Made ${#created[@]} files, beginning at src/Services/$name/Mneme.$name/${name}Service.cs."; fi
  say "$name is in the solution, the catalogue and all that is generated from it. Next:"
  say "  ./mneme test unit .$name."
  say "  ./mneme test integration .$name."
  say "  ./mneme up"
  say "docs/new-service.md goes on from here."
}

new_usage() {
  die "make or add what?" \
    "./mneme new service Invoices [--entity Invoice]   a service from the template, added to all that lists services" \
    "./mneme new register Invoices                     the second half of that, for what dotnet new mneme-service made"
}

# check_word WHAT WORD EXAMPLE
check_word() {
  if [[ ! $2 =~ ^([A-Z][a-z]+)+$ ]] || ((${#2} < 3 || ${#2} > 40)); then
    die "$1 is 3 to 40 letters in PascalCase, such as $3${2:+; «$2» is not}."
  fi
  if is_reserved "$2"; then die "«$2» means something else already: choose another word."; fi
}

is_reserved() { [[ ${reserved//$'\n'/} == *" $1 "* ]]; }

# --- undoing --------------------------------------------------------------------------------------------------------

# Keeps a copy of what is about to be changed.
keep() { cp --parents -a "$@" "$work/before"; }

# Puts everything back as it was; runs when anything fails, Ctrl-C included.
undo() {
  trap - EXIT
  local file
  cd "$root" || exit
  for file in "${created[@]}"; do
    rm -f "$file"
    # What the compiler and the restore put beside it goes as well.
    if [[ $file == *.csproj ]]; then rm -rf "./${file%/*}/"{bin,obj,packages.lock.json}; fi
    rmdir -p --ignore-fail-on-non-empty "${file%/*}" 2>/dev/null || true
  done
  # Files were added there whose names only the program knows.
  if [[ -d $work/before/deploy ]]; then rm -rf deploy; fi
  cp -a "$work/before/." .
  rm -rf "$work"
  say "Everything is as it was before."
}

# --- making the files -----------------------------------------------------------------------------------------------

# generate NAME ENTITY: makes the files beside, looks whether they have a place here, and only then puts them there.
generate() {
  local name=$1 scratch=$work/scratch taken file files=()
  # A file, because folders stay behind where git has removed all that it knows.
  taken=$(find src tests \( -name bin -o -name obj \) -prune -o -type f \( -ipath "*/$name/*" -o -ipath "*/Mneme.$name/*" \) -print -quit)
  if [[ -n $taken ]]; then die "there is $taken already: choose another name."; fi
  say "Making $name from templates/mneme-service …"
  mkdir "$scratch"
  # The template is known to this run alone: nothing is installed for the user.
  {
    dotnet new install "$root/templates/mneme-service" --debug:custom-hive "$scratch/hive" &&
      dotnet new mneme-service -n "$name" ${2:+--entity "$2"} -o "$scratch/files" --no-update-check --debug:custom-hive "$scratch/hive"
  } >"$scratch/log" 2>&1 </dev/null || die "dotnet new failed:" "$(cat "$scratch/log")"
  mapfile -t files < <(cd "$scratch/files" && find . -type f -printf '%P\n' | LC_ALL=C sort)
  if ((${#files[@]} == 0)); then die "dotnet new made nothing:" "$(cat "$scratch/log")"; fi
  for file in "${files[@]}"; do
    if [[ -e $file ]]; then die "there is $file already: choose another name, or another --entity."; fi
  done
  check_place "$name" "$scratch/files/src/Contracts/Mneme.Contracts/$name/"*Events.cs
  created=("${files[@]}")
  cp -a "$scratch/files/." .
  rm -rf "$scratch"
}

# check_place NAME FILE: whether routes, settings and the events that FILE declares are free.
check_place() {
  local name=$1 entity event route taken
  entity=$(basename "$2" Events.cs)
  route=$(sed -E 's/([a-z])([A-Z])/\1-\2/g; s/.*/\L&/' <<<"$name")
  event=$(sed -nE 's/^\[Event\("([^"]+)".*/\1/p' "$2")
  if taken=$(grep -rlE --include='*.cs' "\"/${route}[\"/]" src); then die "the address /api/v1/$route is taken by ${taken%%$'\n'*}: choose another name."; fi
  if taken=$(grep -rliF --include='*.cs' "Section => \"$name\"" src); then die "the settings ${name}__… are taken by ${taken%%$'\n'*}: choose another name."; fi
  if taken=$(grep -rlE --include='*.cs' "\"$event\"|record ${entity}Completed\(" src/Contracts); then
    die "the event $event is taken by ${taken%%$'\n'*}: say with --entity what one of the $name is called instead of $entity."
  fi
  taken=$(find src/Platform src/Contracts \( -name bin -o -name obj \) -prune -o -name "$entity.cs" -print -quit)
  if [[ -n $taken ]] || is_reserved "$entity"; then die "«$entity» means something else already${taken:+ ($taken)}: say with --entity what one of the $name is called."; fi
}

# --- registering ----------------------------------------------------------------------------------------------------

# Adds what is in src/Services/NAME to all that lists services.
register() {
  local name=$1 lower=${1,,} project=src/Services/$1/Mneme.$1/Mneme.$1.csproj program=src/Mneme/bin/Release/net10.0/mneme locks=()
  if [[ ! -f $project ]]; then die "there is no $project: make the service first, with ./mneme new service $name."; fi
  mapfile -t locks < <(find src tests bench -name obj -prune -o -name packages.lock.json -print)
  keep Mneme.slnx src/Mneme/ServiceCatalog.cs docs/services/README.md docs/configuration.md .env.example deploy "${locks[@]}"

  # The name decides where a using belongs; the template cannot know it.
  find "src/Services/$name" "src/Contracts/Mneme.Contracts/$name" "tests/Mneme.UnitTests/$name" "tests/Mneme.IntegrationTests/$name" \
    -name obj -prune -o -name '*.cs' -print0 | while IFS= read -r -d '' file; do sort_usings "$file"; done
  insert Mneme.slnx '^  <Folder Name="/(src/Services/.+|tests)/">$' "  <Folder Name=\"/src/Services/$name/\">
    <Project Path=\"$project\" />
  </Folder>"
  insert src/Mneme/ServiceCatalog.cs '^using Mneme\.[A-Za-z.]+;$' "using Mneme.$name;"
  insert src/Mneme/ServiceCatalog.cs '^        new [A-Za-z]+Service\(\),$' "        new ${name}Service(),"
  insert docs/services/README.md '^\| \[' "| [$name]($lower.md) | made from the template: say here what it is for |"

  say "Writing the lock files …"
  # What CI refuses, a changed lock file, is what this is for.
  dotnet restore Mneme.slnx --force-evaluate -p:RestoreLockedMode=false -v q --nologo --tl:off >&2 </dev/null || die "dotnet restore failed: the errors are above."
  say "Building the program …"
  build_with_dotnet build src/Mneme
  say "Writing what is generated from the catalogue …"
  "$program" document-configuration >docs/configuration.md || die "docs/configuration.md could not be written."
  "$program" document-configuration --env >.env.example || die ".env.example could not be written."
  "$program" deployment write deploy >&2 || die "deploy/ could not be written."
}

# insert FILE PATTERN LINE: puts the line among those that match the pattern, in their order.
insert() {
  if grep -qxF -- "${3%%$'\n'*}" "$1"; then die "$1 has this line already: ${3%%$'\n'*}"; fi
  if ! grep -qE -- "$2" "$1"; then die "$1 has no line that looks like this, so there is no place for another: $2"; fi
  LC_ALL=C pattern=$2 line=$3 awk '
    { lines[NR] = $0; if ($0 ~ ENVIRON["pattern"]) { last = NR; if (!before && $0 > ENVIRON["line"]) before = NR } }
    END {
      if (!before) before = last + 1
      for (i = 1; i <= NR; i++) { if (i == before) print ENVIRON["line"]; print lines[i] }
      if (before > NR) print ENVIRON["line"]
    }' "$1" >"$work/written"
  cat "$work/written" >"$1"
}

# Orders the usings at the top of a file as dotnet format wants them.
sort_usings() {
  local count
  count=$(awk '!/^using / { print NR - 1; exit }' "$1")
  {
    head -n "$count" "$1" | sed 's/;$//' | LC_ALL=C sort -s | awk '
      /^using System/ { print; next } /^using static/ { last[++l] = $0; next } { rest[++r] = $0 }
      END { for (i = 1; i <= r; i++) print rest[i]; for (i = 1; i <= l; i++) print last[i] }' | sed 's/$/;/'
    tail -n "+$((count + 1))" "$1"
  } >"$work/written"
  cat "$work/written" >"$1"
}
