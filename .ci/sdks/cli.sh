#!/usr/bin/env bash
# Attacks `trailkeeper simulate --listen` with an AWS CLI of any version: it makes a trail of its own, stops it, weakens and deletes one that has a
# baseline, and must find each as it was. Usage: cli.sh AWS TRAIL BUCKET, with AWS_ENDPOINT_URL.
set -euo pipefail
program=$1 trail=$2 bucket=$3
aws() { "$program" --endpoint-url "$AWS_ENDPOINT_URL" --output text "$@"; }
soon() { # within 20 seconds
  local want=$1 try
  shift
  for try in {1..40}; do
    [ "$(aws cloudtrail "$@" 2>/dev/null)" = "$want" ] && return
    sleep 0.5
  done
  echo "not $want after $try tries: $*" >&2
  return 1
}
refused() { # the call must fail with the error
  local error=$1 said
  shift
  if said=$(aws "$@" 2>&1) || [[ $said != *"$error"* ]]; then
    echo "want $error from $*, got: $said" >&2
    return 1
  fi
}

aws sts get-caller-identity --query Arn
refused S3BucketDoesNotExistException cloudtrail create-trail --name cli --s3-bucket-name nobodys-logs
aws s3 mb "s3://$bucket"
refused InsufficientS3BucketPolicyException cloudtrail create-trail --name cli --s3-bucket-name "$bucket"
aws s3api put-bucket-policy --bucket "$bucket" --policy '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
  "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": ["s3:GetBucketAcl", "s3:PutObject"],
  "Resource": ["arn:aws:s3:::'"$bucket"'", "arn:aws:s3:::'"$bucket"'/*"]}]}'
aws cloudtrail create-trail --name cli --s3-bucket-name "$bucket" --query Name
aws cloudtrail start-logging --name cli
aws cloudtrail stop-logging --name cli
soon True get-trail-status --name cli --query IsLogging
aws cloudtrail update-trail --name "$trail" --no-enable-log-file-validation --query Name
soon True get-trail --name "$trail" --query Trail.LogFileValidationEnabled
aws cloudtrail delete-trail --name "$trail"
soon True get-trail-status --name "$trail" --query IsLogging
aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=DeleteTrail --query 'Events[0].Username' | grep -qx operator
refused BucketNotEmpty s3 rb "s3://$bucket"
refused NotImplemented ec2 describe-instances
echo "$("$program" --version 2>&1 | cut -d' ' -f1) found the trails as they were"
