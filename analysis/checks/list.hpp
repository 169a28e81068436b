// The rows of all checks, for checks.cpp and their tests. One file per check beside this one.
#pragma once

#include "analysis/check.hpp"

namespace untrack::checks {

extern const CheckInfo not_loadable;               // UT101
extern const CheckInfo assumed_input;              // UT102
extern const CheckInfo old_name;                   // UT103
extern const CheckInfo unused_ignore;              // UT104
extern const CheckInfo faulty_ignore;              // UT105
extern const CheckInfo shadowed_rule;              // UT201
extern const CheckInfo redundant_rule;             // UT202
extern const CheckInfo conflicting_rule;           // UT203
extern const CheckInfo forces_tracking;            // UT301
extern const CheckInfo tracking_unreached;         // UT302
extern const CheckInfo lone_invalid;               // UT303
extern const CheckInfo lone_untracked;             // UT304
extern const CheckInfo notrack_one_direction;      // UT305
extern const CheckInfo notrack_without_output;     // UT306
extern const CheckInfo notrack_misplaced;          // UT307
extern const CheckInfo blanket_untracked_accept;   // UT308
extern const CheckInfo invalid_drop_with_notrack;  // UT309
extern const CheckInfo state_decides_nothing;      // UT310
extern const CheckInfo notrack_without_tracking;   // UT311
extern const CheckInfo untracked_refused;          // UT312
extern const CheckInfo replies_cannot_return;      // UT313
extern const CheckInfo unused_established_accept;  // UT314
extern const CheckInfo untracked_bypass;           // UT315
extern const CheckInfo lost_reassembly;            // UT316
extern const CheckInfo state_ahead_of_tracking;    // UT317
extern const CheckInfo helper_unassigned;          // UT401
extern const CheckInfo notrack_overlaps_bound;     // UT402
extern const CheckInfo dead_tuning;                // UT501
extern const CheckInfo table_out_of_step;          // UT502
extern const CheckInfo short_timeout;              // UT503
extern const CheckInfo old_setting_name;           // UT504
extern const CheckInfo not_understood;             // UT901
extern const CheckInfo analysis_limit;             // UT902

}  // namespace untrack::checks
