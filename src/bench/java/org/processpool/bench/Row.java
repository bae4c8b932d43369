package org.processpool.bench;

/**
 * One row of the table: one of our figures against one of Python's.
 *
 * @param title what it is
 * @param unit of both figures
 * @param better which figure wins
 * @param ours name of our figure
 * @param python name of Python's figure
 * @param target what is to be reached
 */
record Row(String title, String unit, Better better, String ours, String python, Target target) {

    enum Better {
        LESS,
        MORE
    }

    /** A time or a size, of the same name on both sides. */
    static Row less(String title, String unit, String figure, Target target) {
        return new Row(title, unit, Better.LESS, figure, figure, target);
    }

    /** A rate, of the same name on both sides. */
    static Row more(String title, String unit, String figure, Target target) {
        return new Row(title, unit, Better.MORE, figure, figure, target);
    }

    /** The same held against another figure of Python's. */
    Row against(String other) {
        return new Row(title, unit, better, ours, other, target);
    }

    /** How many times as good as Python we are. */
    double ratio(double ours, double python) {
        return switch (better) {
            case LESS -> python / ours;
            case MORE -> ours / python;
        };
    }
}
