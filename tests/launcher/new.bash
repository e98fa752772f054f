# Tests of ./mneme new; sourced by tests/launcher/run. What it makes is built and run by the journey NewServiceTests.
# shellcheck shell=bash disable=SC2154,SC2016 # tree and the functions used here are the runner's; what is quoted is quoted on purpose.

# The files that a service is added to, and a dotnet that makes one of two files and fails at the word in $FAKE_FAIL.
new_service_tree() {
  mkdir -p "$tree/"{deploy,docs/services,src/Contracts/Mneme.Contracts,src/Services/Study,src/Platform,tests/Mneme.UnitTests,templates/mneme-service,tmp}
  cat >"$tree/Mneme.slnx" <<'XML'
<Solution>
  <Folder Name="/src/Services/Capture/">
    <Project Path="src/Services/Capture/Mneme.Capture/Mneme.Capture.csproj" />
  </Folder>
  <Folder Name="/src/Services/Study/">
    <Project Path="src/Services/Study/Mneme.Study/Mneme.Study.csproj" />
  </Folder>
  <Folder Name="/tests/">
  </Folder>
</Solution>
XML
  printf '%s\n' 'using Mneme.Capture;' 'using Mneme.Contracts.Identity;' 'using Mneme.Study;' '' '    [' '        new CaptureService(),' '        new StudyService(),' '    ];' \
    >"$tree/src/Mneme/ServiceCatalog.cs"
  printf '%s\n' '| service | |' '|---|---|' '| [Capture](capture.md) | texts |' '| [Study](study.md) | cards |' >"$tree/docs/services/README.md"
  echo 'api.MapGet("/topics/{id:guid}", Handle)' >"$tree/src/Services/Study/GetTopic.cs"
  for file in src/Contracts/Mneme.Contracts/Other.cs deploy/compose.yaml docs/configuration.md .env.example src/Mneme/packages.lock.json; do echo old >"$tree/$file"; done
  stand_in dotnet '
    case $1 in --version) echo 10.0.100 ;; --list-sdks) echo "10.0.100 [/somewhere]" ;; esac
    if [ "$1" = "$FAKE_FAIL" ]; then echo "error CS0000: it is broken"; exit 1; fi
    case "$1 $2" in
      "new mneme-service")
        name=$4
        while [ "$1" != -o ]; do shift; done
        cd "$(mkdir -p "$2" && cd "$2" && pwd)"
        mkdir -p "src/Services/$name/Mneme.$name" "src/Contracts/Mneme.Contracts/$name" "tests/Mneme.UnitTests/$name" "tests/Mneme.IntegrationTests/$name"
        echo "<Project/>" >"src/Services/$name/Mneme.$name/Mneme.$name.csproj"
        printf "%s\n" "using System;" "using static Mneme.Things;" "using Mneme.Platform.Domain;" "using Mneme.$name.Domain;" "using Mneme.$name;" "" "namespace X;" >"src/Services/$name/Mneme.$name/X.cs"
        echo "namespace X;" | tee "tests/Mneme.UnitTests/$name/XTests.cs" >"tests/Mneme.IntegrationTests/$name/XTests.cs"
        printf "%s\n" "[Event(\"invoice.completed\", 1)]" "record InvoiceCompleted(" >"src/Contracts/Mneme.Contracts/$name/InvoiceEvents.cs"
        ;;
      "restore "*) echo new >"$FAKE_TREE/src/Mneme/packages.lock.json"; mkdir -p "$FAKE_TREE/src/Services/Invoices/Mneme.Invoices/obj" ;;
      "build "*)
        mkdir -p "$FAKE_TREE/src/Mneme/bin/Release/net10.0"
        printf "#!/bin/sh\necho \"\$*\"\n" >"$FAKE_TREE/src/Mneme/bin/Release/net10.0/mneme"
        chmod +x "$FAKE_TREE/src/Mneme/bin/Release/net10.0/mneme"
        ;;
    esac'
  export TMPDIR=$tree/tmp FAKE_FAIL=''
}

contents() { (cd "$tree" && find deploy docs src templates tests tmp Mneme.slnx .env.example -type f ! -path '*/bin/*' -exec sha256sum {} + | LC_ALL=C sort -k 2); }

test_a_new_service_is_added_in_order_to_all_that_lists_services() {
  local text
  new_service_tree
  text=$(mneme new service Invoices 2>&1) || fail "status $?" "$text"
  contains "what comes next" "$text" "./mneme test unit .Invoices."
  expect usings "$(sed -n 1,4p "$tree/src/Mneme/ServiceCatalog.cs" | paste -sd' ')" 'using Mneme.Capture; using Mneme.Contracts.Identity; using Mneme.Invoices; using Mneme.Study;'
  expect services "$(grep -n 'new ' "$tree/src/Mneme/ServiceCatalog.cs" | paste -sd' ')" '7:        new CaptureService(), 8:        new InvoicesService(), 9:        new StudyService(),'
  expect solution "$(grep -n 'Invoices\|/tests/\|Study/">' "$tree/Mneme.slnx" | cut -d: -f1 | paste -sd' ')" '5 6 8 11'
  expect index "$(sed -n 4p "$tree/docs/services/README.md" | cut -c 1-25)" '| [Invoices](invoices.md)'
  expect "usings of what was made" "$(head -n 5 "$tree/src/Services/Invoices/Mneme.Invoices/X.cs" | paste -sd' ')" \
    'using System; using Mneme.Invoices; using Mneme.Invoices.Domain; using Mneme.Platform.Domain; using static Mneme.Things;'
  expect settings "$(cat "$tree/docs/configuration.md" "$tree/.env.example" | paste -sd' ')" 'document-configuration document-configuration --env'
  contains "deployment files" "$text" "deployment write deploy"
  expect "left behind" "$(find "$tree/tmp" -mindepth 1)" ""
  text=$(mneme new service Invoices 2>&1) && fail "a second one: status 0"
  contains "a second one" "$text" "there is src/"
}

test_a_new_service_that_fails_leaves_everything_as_it_was() {
  local before text step
  new_service_tree
  before=$(contents)
  for step in new restore build; do
    text=$(FAKE_FAIL=$step mneme new service Invoices 2>&1) && fail "$step: status 0"
    contains "$step" "$text" "CS0000"
    contains "$step" "$text" "Everything is as it was before."
    expect "after $step" "$(contents)" "$before"
    expect "folders after $step" "$(find "$tree/src/Services" "$tree/src/Contracts" -name '*Invoices*')" ""
  done
  sed -i 's/StudyService/StudyThing/; s/CaptureService/CaptureThing/' "$tree/src/Mneme/ServiceCatalog.cs"
  before=$(contents)
  text=$(mneme new service Invoices 2>&1) && fail "another catalogue: status 0"
  contains "another catalogue" "$text" "src/Mneme/ServiceCatalog.cs has no line that looks like this"
  expect "after another catalogue" "$(contents)" "$before"
}

test_a_name_that_cannot_be_is_refused_with_the_reason() {
  local before text arguments reason
  new_service_tree
  before=$(contents)
  while IFS='|' read -r arguments reason; do
    # shellcheck disable=SC2086 # Words are meant to be words.
    text=$(mneme new $arguments 2>&1) && fail "$arguments: status 0"
    contains "$arguments" "$text" "$reason"
  done <<'CASES'
|make or add what?
service|make or add what?
things Invoices|make or add what?
service Invoices --entity|make or add what?
service Invoices Bills|make or add what?
service invoices|3 to 40 letters in PascalCase, such as Invoices; «invoices» is not.
service Gift-Cards|«Gift-Cards» is not.
service VATs|«VATs» is not.
service Invoices2|«Invoices2» is not.
service ../Evil|«../Evil» is not.
service Jobs|«Jobs» means something else already
service Invoices --entity Event|«Event» means something else already
service Invoices --entity Invoices|cannot be Invoices as well
service Study|there is src/Services/Study/GetTopic.cs already
service Topics|the address /api/v1/topics is taken by src/Services/Study/GetTopic.cs
register Invoices|there is no src/Services/Invoices/Mneme.Invoices/Mneme.Invoices.csproj
CASES
  expect after "$(contents)" "$before"
  echo 'class Invoice' >"$tree/src/Platform/Invoice.cs"
  text=$(mneme new service Bills 2>&1) && fail "a word of the platform: status 0"
  contains "a word of the platform" "$text" "«Invoice» means something else already (src/Platform/Invoice.cs): say with --entity"
  echo 'record InvoiceCompleted(' >"$tree/src/Contracts/Mneme.Contracts/Shop.cs"
  text=$(mneme new service Bills 2>&1) && fail "an event's name: status 0"
  contains "an event's name" "$text" "the event invoice.completed is taken by src/Contracts/Mneme.Contracts/Shop.cs: say with --entity"
}
