/*
 * existence - how likely is it that this track is a real thing, and that this sensor can see it?
 *
 * Two Bernoulli chains, updated by Bayes. Existence: born, dies at a slow rate. Visibility, one a
 * track and sensor: a vessel behind a headland exists unseen, and its misses must not kill it. Pure
 * functions. Sources: Musicki & Evans, "Joint Integrated Probabilistic Data Association" (2004);
 * Brekke, Hem & Tokle, "The VIMMJIPDA" (2019) for visibility.
 */
#pragma once

/** existence_survive() - after @h_s more seconds, mean life @life_s. */
double existence_survive(double r, double h_s, double life_s);

/**
 * existence_look() - a sensor has looked
 * @r:          probability of existence, updated
 * @visibility: probability that this sensor can see it, given that it exists, updated
 * @pd:         probability of detection of a visible target, times that of being in the gate
 * @evidence:   sum over the gated plots of pd * likelihood / (clutter + birth density); 0 = nothing
 * there
 */
void existence_look(double *r, double *visibility, double pd, double evidence);

/** existence_visibility() - chain step of visibility over one scan. */
double existence_visibility(double visibility);

/** existence_unmiss() - visibility before one scan (its chain step included) whose look missed. The inverse of
 * existence_visibility() and existence_look() without evidence. */
double existence_unmiss(double visibility, double pd);

/** existence_birth() - of a plot that no track explains with probability @unexplained; densities
 * per m^2 and scan. */
double existence_birth(double unexplained, double birth_density, double clutter_density);
