#!/bin/sh
# Makes the topics of topics.csv where they are missing; those that are there stay as they are.
#   BOOTSTRAP=HOST:PORT [PREFIX=watchline.] [REPLICATION=1] [KAFKA_TOPICS=kafka-topics.sh] [CLIENT=client.properties] make-topics.sh
set -eu
tail -n +2 "$(dirname "$0")/topics.csv" | while IFS=, read -r topic partitions cleanup retention largest; do
  ${KAFKA_TOPICS:-kafka-topics.sh} --bootstrap-server "$BOOTSTRAP" ${CLIENT:+--command-config "$CLIENT"} \
    --create --if-not-exists --topic "${PREFIX-watchline.}$topic" \
    --partitions "$partitions" --replication-factor "${REPLICATION:-1}" \
    --config "cleanup.policy=$cleanup" --config "retention.ms=$retention" --config "max.message.bytes=$largest" </dev/null
done
