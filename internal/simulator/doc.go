// Package simulator is the part that the simulated clouds share: the
// instances and their transitions, troubles that are turned on for a test, the
// log of calls, the HTTP server with its control interface. What is on the
// wire, who may call, and which code an error has is left to the packages
// beneath it, one for each cloud; localcloud puts them together.
//
// A wire reads a request and then works on the cloud under one lock:
//
//	return req.Do(func(tx *simulator.Tx) simulator.Answer {
//		for _, id := range req.Call.InstanceIDs {
//			if denial := tx.Check(id, order); denial != nil {
//				return w.Refuse(req, w.refusal(denial))
//			}
//		}
//		for _, id := range req.Call.InstanceIDs {
//			tx.Apply(id, order)
//		}
//		return w.success(req)
//	})
//
// A cloud can have more services than the one that it is simulated for: see
// MultiWire. The token and metadata services hand out keys of roles, which end by
// the cloud's clock; Tx.Exchange decides, and the wire knows the words and codes.
//
// Whether a batch is all or nothing is thus the wire's rule. Words are the
// cloud's words; Words.Legal and Words.LockAllows are its rules.
//
// The package shares no code with the drivers of the provider, so that the two
// check each other.
package simulator

// ControlHelp is what GET /_simulator/ answers: how tests and demonstrations
// steer the simulator while it runs.
const ControlHelp = `Control interface of the instance simulator
===========================================

This is version 1. Within a version, answers may get more fields, and nothing
else changes.

All bodies are JSON. An invalid request is answered with status 400 and the reason in {"error"}: an unknown or repeated
field, an unknown query parameter, an invalid value. Durations are strings, such as "1m30s". CLOUD is one of the names
in /_simulator/v1/clouds.

GET    /_simulator/v1/clouds                     clouds, with their regions, switches and own kinds of trouble
POST   /_simulator/v1/reset                      reset all clouds to their seeds

GET    /_simulator/v1/CLOUD/instances            all instances in their true state
POST   /_simulator/v1/CLOUD/instances            [INSTANCE...] add or replace several
DELETE /_simulator/v1/CLOUD/instances            remove all
POST   /_simulator/v1/CLOUD/bulk                 {"count":100,"id_pattern":"ins-########","template":INSTANCE}
GET    /_simulator/v1/CLOUD/instances/ID
PUT    /_simulator/v1/CLOUD/instances/ID         add or replace one
PATCH  /_simulator/v1/CLOUD/instances/ID         change some fields
DELETE /_simulator/v1/CLOUD/instances/ID

GET    /_simulator/v1/CLOUD/credentials          the keys that the cloud accepts, public on purpose
POST   /_simulator/v1/CLOUD/credentials          [CREDENTIAL...] add or replace some, until a reset

GET    /_simulator/v1/CLOUD/roles                the roles that callers can assume
POST   /_simulator/v1/CLOUD/roles                [ROLE...] add or replace some
GET    /_simulator/v1/CLOUD/providers            the identity providers whose tokens the cloud takes
POST   /_simulator/v1/CLOUD/providers            [PROVIDER...] add or replace some
GET    /_simulator/v1/CLOUD/machine
PUT    /_simulator/v1/CLOUD/machine              {"account","role","key_life"}: the role of the metadata service
GET    /_simulator/v1/CLOUD/keys                 the temporary keys that were issued, and when they expire
POST   /_simulator/v1/CLOUD/keys/expire          make them all expire now

POST   /_simulator/v1/issuer/token               {"subject","audience","expires_in":"1h","not_before_in","issuer",
                                                  "algorithm"}
                                                 answers {"token"}, or the bare token with Accept: text/plain
POST   /_simulator/v1/issuer/rotate              sign with a new key from now on
GET    /_simulator/v1/issuer/.well-known/openid-configuration, and jwks beside it

GET    /_simulator/v1/CLOUD/settings
PATCH  /_simulator/v1/CLOUD/settings             {"switches":{NAME:VALUE},"durations":{"stop":"5s"},"rate_limits":false,
                                                  "rates":{ACTION:{"calls":10,"window":"1s"}},"max_clock_skew":"5m",
                                                  "clock_offset":"-10m","key_life":"30s"}

GET    /_simulator/v1/CLOUD/troubles             with the number of hits of each
POST   /_simulator/v1/CLOUD/troubles             TROUBLE; answers its id
DELETE /_simulator/v1/CLOUD/troubles             clear all
DELETE /_simulator/v1/CLOUD/troubles/ID          clear one

GET    /_simulator/v1/CLOUD/calls?since=N&action=A&op=O&format=table
                                                 format=table, or Accept: text/plain: a table for people;
                                                 op is describe, start, stop, reboot or other
GET    /_simulator/v1/CLOUD/calls/summary        number of calls by action
GET    /_simulator/v1/CLOUD/calls/exchanges      number of keys that were issued, by action and role
DELETE /_simulator/v1/CLOUD/calls                forget them
POST   /_simulator/v1/CLOUD/audit                {"allow_forced":[ID...],"allow_first_graceful":[ID...],
                                                  "explicit_force":true}
                                                 answers the writes that were repeated blindly, and the stops that
                                                 used force; without a body nothing is allowed
POST   /_simulator/v1/CLOUD/reset

INSTANCE {"id","name","account","region","zone","type","status","charge_type","local_disk","spot","classic","locks",
          "arrears","recycled","stopped_mode","public_ip","elastic_ip","private_ip","tags","extra","created_at",
          "last_operation","durations":{"start","stop","forced_stop","reboot","grace"}}
         status, charge_type, stopped_mode and locks are the cloud's own words. Refused are a malformed id or address,
         one id for two instances of a request, a region or a word that the cloud does not have (for a status, use the
         trouble unknown_word), and the stopped_mode of an instance that is not stopped. A duration that is left out of
         "durations" is zero. A PATCH adds to the tags; null removes them all.

CREDENTIAL {"access_key_id","secret","token","expired","expires","policy","account","main","user"}
         policy is a document in the cloud's own form: {"Statement":[{"Effect":"Allow","Action":["ecs:Describe*"],
         "Resource":["*"]}]}. Without one the key may do everything. Conditions are refused, since the simulator does
         not enforce them.

ROLE     {"account","name","trust_policy","policy","max_session"}
         trust_policy: which callers may assume it; policy: the permissions of its keys; both in the cloud's own form.

PROVIDER {"account","name","issuer","audiences","key_set","unreachable"}
         without key_set its keys are those of the issuer of this simulator, if that has the same URL.

TROUBLE  {"kind",                             what goes wrong
          "action","region","instance_ids",   which calls: an action is the cloud's name, or describe, start, stop,
                                                 reboot, write, or a service: sts, metadata; empty for all
          "skip","count",                     how many to let pass first; how many to hit, 0 for all until it is cleared
          parameters}
         One that can never match a call is refused: an action or a region that the cloud does not have, no_stock for a
         stop, instances for an action that names none. So is a parameter that the kind does not use.

Kinds for a call as a whole, and their parameters:
  throttle        code, status, message, retry_after, delay (how long it lasts)
  error           code, status, message, retry_after
  server_error    status, message, effect (the call took effect first), retry_after
  gateway_page    status, message, retry_after
  reset_before    the connection is cut before the call took effect
  reset_after     the connection is cut after it
  lost_answer     delay (how long the client waits at most)
  slow            delay
  empty_list      delay (how long it lasts); describes return an empty list
  hidden          delay; describes leave the instances out
  unknown_fields  delay; JSON answers carry fields that no page lists

Kinds for an instance, and their parameters:
  soft_stop_ignored  mode "hang" or "fallback", message
  stuck              after (number of describes that show the transition before it goes
                     on; without it the transition never ends)
  lag                delay; describes return what was true that long ago
  mode_lag           delay, word; the same for the stopped mode alone
  ignore_mode        the stop keeps charging
  refuse_mode        code, status, message
  no_stock           code, status, message; late (accepted, and fails later)
  busy               code, status, message, delay
  lock               word (the lock), delay, code, status, message
  arrears, recycle, host_repair, making_image, live_migration, rescue
                     delay, code, status, message
  vanish             delay, or after (number of describes); with an action neither: it vanishes as such a call arrives
  unknown_word       word, delay, code, status, message
`
