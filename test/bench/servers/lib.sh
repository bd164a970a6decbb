# Shared by the start and stop of each server here. What they write lies under build/bench/NAME.
TOP=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../.." && pwd)
RUN=$TOP/build/bench/$NAME
SENDER_PASSWORD=a-password-for-measuring
export LC_ALL=C
mkdir -p "$RUN"

wait_port() { # port: until something accepts
    local i
    for i in $(seq 200); do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
        sleep 0.05
    done
    echo "$NAME: nothing listens on port $1" >&2
    return 1
}

spawn() { # key command...: in the background, its pid and log under $RUN
    local key=$1
    shift
    setsid "$@" >>"$RUN/$key.log" 2>&1 </dev/null &
    echo $! >"$RUN/$key.pid"
}

stop_pid() { # key: TERM by pid, then KILL after 20 s
    local pid i
    pid=$(cat "$RUN/$1.pid" 2>/dev/null) || return 0
    kill -TERM "$pid" 2>/dev/null || { rm -f "$RUN/$1.pid"; return 0; }
    for i in $(seq 200); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null
    rm -f "$RUN/$1.pid"
}

start_sink() { # port [-c]: smtp-sink, which takes everything and stores nothing; -c: it counts messages in $RUN/sink.log
    local port=$1
    shift
    spawn sink "${SMTP_SINK:-${PEERS_ROOT:-/opt/peers}/tools/smtp-sink}" "$@" -u nobody "127.0.0.1:$port" 1000
    wait_port "$port"
}

# The Release program with the account user1@example.test, and sender@example.test to relay from: who signs in as that, on port
# PORT + 200, sends to relay.test, which is an smtp-sink on PORT + 300.
start_postern() { # database-url
    local postern=$TOP/build/bin/postern options
    options=(--server.data_dir="$RUN/data" --server.hostname=bench.example.test --database.url="$1" --log.level=warning)
    "$postern" migrate "${options[@]}" >>"$RUN/setup.log" 2>&1
    if ! "$postern" account show user1@example.test "${options[@]}" >/dev/null 2>&1; then
        "$postern" domain add example.test "${options[@]}" >>"$RUN/setup.log" 2>&1
        "$postern" account add user1@example.test --generate-password "${options[@]}" >>"$RUN/setup.log" 2>&1
        "$postern" account add sender@example.test --password-stdin "${options[@]}" <<<"$SENDER_PASSWORD" >>"$RUN/setup.log" 2>&1
    fi
    start_sink "$((PORT + 300))" -c
    spawn postern "$postern" serve "${options[@]}" --smtp.listen="127.0.0.1:$PORT" \
        --submission.listen="127.0.0.1:$((PORT + 200))" --submission.allow_plaintext=true \
        --submission.messages_per_hour=1000000 --submission.recipients_per_hour=1000000 \
        --submissions.listen=none --imap.listen=none --imaps.listen=none --relay.routes="relay.test=127.0.0.1:$((PORT + 300))" \
        --http.listen="127.0.0.1:$((PORT + 100))"
    wait_port "$PORT"
}
