# Runs the test tiers; sourced by ./mneme.
# shellcheck shell=bash disable=SC2154 # root, artifacts, published and the functions used here are the launcher's.

results=$artifacts/tests
passed=0 failed=0

# count REPORT FIELD: a field of the <assembly …> element of an xunit report, or nothing.
count() { sed -n "s/.*<assembly [^>]* $2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1; }

# add TIER SECONDS PASSED FAILED [REMARK]
add() {
  passed=$((passed + $3)) failed=$((failed + $4))
  printf '%-12s %6d passed, %d failed in %d s%s\n' "$1:" "$3" "$4" "$2" "${5:+ ($5)}"
}

launcher_tier() {
  local started=$SECONDS ok bad status=0
  rm -f "$results/launcher"
  "$root/tests/launcher/run" "$results/launcher" "$@" </dev/null || status=$?
  if ! read -r ok bad <"$results/launcher"; then ok=0 bad=1; fi
  if ((status != 0 && bad == 0)); then bad=1; fi
  add launcher $((SECONDS - started)) "$ok" "$bad"
}

# xunit_tier TIER PROJECT RUNNER-OPTION…
xunit_tier() {
  local tier=$1 project=$2 started=$SECONDS status=0 limit=${MNEME_TEST_TIMEOUT:-25m}
  local folder=$root/tests/$2/bin/Release/net10.0 report=$results/$1-$2.xml ok bad skipped errors total remark=
  shift 2
  if [[ ! -f $folder/$project.dll ]]; then
    add "$tier" 0 0 1 "tests/$project is missing or was not built"
    return
  fi
  if [[ $tier == soak ]]; then limit=${MNEME_TEST_TIMEOUT:-0}; fi
  rm -f "$report"
  (cd "$folder" && exec timeout --foreground --kill-after=20 "$limit" \
    dotnet "$project.dll" -noLogo -noColor -noAutoReporters -reporter quiet "$@" -xml "$report" </dev/null) || status=$?
  total=$(count "$report" total 2>/dev/null) || true
  if [[ -z $total ]]; then
    if ((status == 124)); then remark="stopped after $limit"; else remark="the runner ended with status $status and left no report"; fi
    add "$tier" $((SECONDS - started)) 0 1 "$remark"
    return
  fi
  ok=$(count "$report" passed) bad=$(count "$report" failed) skipped=$(count "$report" skipped) errors=$(count "$report" errors)
  bad=$((bad + errors + skipped))
  if ((skipped > 0)); then remark="$skipped skipped, which counts as failed"; fi
  if ((status != 0 && bad == 0)); then bad=1 remark="the runner ended with status $status"; fi
  if ((ok + bad == 0 && must_match == 1)); then bad=1 remark="tests/$project executed no test"; fi
  add "$tier" $((SECONDS - started)) "$ok" "$bad" "$remark"
}

# Not every project has long random runs; together they must have some.
soak_tier() {
  local project must_match=0
  for project in UnitTests IntegrationTests JourneyTests; do xunit_tier soak "Mneme.$project" -trait tier=soak "$@"; done
}

# test_tiers [TIER] [FILTER…]
test_tiers() {
  local tiers=(launcher unit integration journey) options=() must_match=1 tier
  case ${1:-} in
    launcher | unit | integration | journey | soak)
      tiers=("$1")
      shift
      ;;
    # A filter is for the product's tests, and may leave a tier empty when others match.
    ?*) tiers=(unit integration journey) ;;
  esac
  if (($# > 0)); then must_match=0; fi
  local filters=("$@")
  while (($# > 0)) && [[ $1 != -* ]]; do
    options+=(-method "*$1*")
    shift
  done
  options+=("$@")

  # The runner ends in good order on Ctrl-C; the tiers after it are not to start then.
  trap 'exit 130' INT
  mkdir -p "$results"
  rm -f "$results/summary"
  prepare "${tiers[@]}"
  for tier in "${tiers[@]}"; do
    case $tier in
      launcher) launcher_tier "${filters[@]}" ;;
      unit) xunit_tier unit Mneme.UnitTests -trait- tier=soak "${options[@]}" ;;
      integration) xunit_tier integration Mneme.IntegrationTests -trait- tier=soak "${options[@]}" ;;
      journey) xunit_tier journey Mneme.JourneyTests -trait- tier=soak "${options[@]}" ;;
      soak) soak_tier "${options[@]}" ;;
    esac
  done
  if ((passed + failed == 0)); then
    say "No test was found${filters[*]:+ for: ${filters[*]}}."
    failed=1
  fi
  echo "$passed $failed" >"$results/summary"
  echo "$passed passed, $failed failed"
  ((failed == 0))
}

# prepare TIER…: what the tiers need, before the first of them starts.
prepare() {
  local tier build=0 servers=0
  for tier in "$@"; do
    case $tier in
      unit) build=1 ;;
      integration | journey | soak) build=1 servers=1 ;;
    esac
  done
  if ((servers)); then need_packages "${test_packages[@]}"; fi
  if ((build)); then build_solution; fi
  if ((servers)); then
    # Journeys and fault tests run the published program, as a person does.
    publish_program
    export MNEME_PROGRAM=$published/mneme
  fi
}
